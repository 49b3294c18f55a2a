"""A line without axes beside a figure: its course, and in words what a look would tell."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aigo.lib.strokes import line
from aigo.templatetags.figures import error_pct, ms, pct, rpm, whole

register = template.Library()

#: The drawing's own units; the style sheet stretches it.
WIDTH: Final = 100
HEIGHT: Final = 24
#: Room for the line's own thickness.
MARGIN: Final = 2
#: A course that stays within this share of its highest value looks as calm as it is.
LEAST_RANGE: Final = 0.3


class Kind(NamedTuple):
    """How values are written, and whether the line stands on zero."""

    write: Callable[[Any], str]
    unit: str | Promise
    from_zero: bool


KINDS: Final = {
    "latency": Kind(ms, gettext_lazy("ms"), from_zero=False),
    "error_rate": Kind(error_pct, "%", from_zero=True),
    "availability": Kind(pct, "%", from_zero=False),
    "usage": Kind(rpm, gettext_lazy("/min"), from_zero=True),
    "throughput": Kind(rpm, gettext_lazy("tokens/s"), from_zero=True),
    "count": Kind(whole, "", from_zero=True),
}


@register.inclusion_tag("_components/sparkline.html")
def sparkline(
    values: Iterable[float | None],
    kind: str = "latency",
    label: str = "",
    shares: Sequence[float] | None = None,
) -> dict[str, Any]:
    """`values`, oldest first, None = a gap; `kind`: one of KINDS.

    They stand at equal distances, or each at its share of the width; then None is but where the line breaks.

    `label` says what is drawn over which time: "p95, last hour".
    """
    known = list(values)
    places = shares or [n / (len(known) - 1) if len(known) > 1 else 1.0 for n in range(len(known))]
    told = known if shares is None else [value for value in known if value is not None]
    scale = _scale([value for value in known if value is not None], from_zero=KINDS[kind].from_zero)
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "kind": kind,
        "calm": KINDS[kind].from_zero and not any(known),
        "path": line(_places(known, places, scale)),
        "gaps": "" if shares else line(_gaps(known, places)),
        "now": line(_places(known, places, scale)[-1:]) if known else "",
        "text": sparkline_text(told, kind, label),
    }


def sparkline_text(values: Sequence[float | None], kind: str, label: str) -> str:
    """ "p95, last hour: lowest 412 ms, highest 934 ms, now 502 ms; 3 of 12 points not measured"."""
    known = [value for value in values if value is not None]
    unit = str(KINDS[kind].unit)

    def written(value: float | None) -> str:
        return "—" if value is None else f"{KINDS[kind].write(value)} {unit}".strip()

    if not known:
        said = _("not measured")
    else:
        said = _("lowest %(low)s, highest %(high)s, now %(now)s") % {
            "low": written(min(known)),
            "high": written(max(known)),
            "now": written(values[-1]),
        }
        if silent := len(values) - len(known):
            said += "; " + ngettext(
                "%(silent)d of %(all)d points not measured",
                "%(silent)d of %(all)d points not measured",
                silent,
            ) % {"silent": silent, "all": len(values)}
    return f"{label}: {said}" if label else said


def _scale(known: Sequence[float], *, from_zero: bool) -> tuple[float, float]:
    """(value at the foot, value at the top); never so near that noise looks like a mountain."""
    if not known:
        return 0.0, 1.0
    low, high = (0.0 if from_zero else min(known)), max(known)
    least = LEAST_RANGE * abs(high) or 1.0
    if high - low >= least:
        return low, high
    if from_zero:
        return low, low + least
    middle = (low + high) / 2
    return middle - least / 2, middle + least / 2


def _places(
    values: Sequence[float | None], shares: Sequence[float], scale: tuple[float, float]
) -> list[tuple[float, float] | None]:
    low, high = scale
    room = HEIGHT - 2 * MARGIN
    return [
        None if value is None else (_x(share), HEIGHT - MARGIN - room * (value - low) / (high - low))
        for share, value in zip(shares, values, strict=True)
    ]


def _gaps(values: Sequence[float | None], shares: Sequence[float]) -> list[tuple[float, float] | None]:
    """A mark on the ground wherever nothing is known."""
    foot = HEIGHT - MARGIN / 2
    return [(_x(share), foot) if value is None else None for share, value in zip(shares, values, strict=True)]


def _x(share: float) -> float:
    """0 is the left edge, 1 the right one."""
    return MARGIN + (WIDTH - 2 * MARGIN) * share
