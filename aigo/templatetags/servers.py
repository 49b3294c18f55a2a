"""How servers' figures are written on pages, and why a figure or a whole server is missing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aigo.lib.writing import NONE, localised, ms, rpm, whole
from aigo.templatetags.server_words import CONDITIONS, NEVER_TOLD, PROBLEMS
from probes.models import Server
from probes.scraping.figures import Distribution
from probes.scraping.windows import P95_MIN_SAMPLES
from probes.servers import Source, Sum

register = template.Library()

#: From here on a bar warns: what fills up needs somebody before it is full.
HIGH_PCT: Final = 90.0


@register.filter
def condition_state(condition: str) -> str:
    """The state whose icon and colour a condition bears."""
    return CONDITIONS[condition][0]


@register.filter
def condition_label(condition: str) -> str | Promise:
    return CONDITIONS[condition][1]


@register.filter
def problem_text(problem: str) -> str | Promise:
    """What happened, as a sentence; "" for a word without one."""
    return PROBLEMS[problem][0] if problem in PROBLEMS else ""


@register.filter
def problem_remedy(problem: str) -> str | Promise:
    return PROBLEMS[problem][1] if problem in PROBLEMS else ""


def _scaled(value: float, base: float, units: tuple[str, ...]) -> str:
    """In the largest unit in which it is 1 or more, cut off to three digits: 1,536 → "1.50 KiB"."""
    power = 0
    while value >= base and power < len(units) - 1:
        value /= base
        power += 1
    decimals = 0 if value >= 100 or power == 0 else 1 if value >= 10 else 2
    return f"{localised(value, decimals)} {units[power]}"


@register.filter
def size(value: float | None) -> str:
    """Bytes of memory and disk in powers of 1,024: 51539607552 → "48.0 GiB"."""
    return NONE if value is None else _scaled(value, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"))


@register.filter
def flow(value: float | None) -> str:
    """Bytes per second in powers of 1,000: 2400000 → "2.40 MB/s"."""
    return NONE if value is None else _scaled(value, 1000, ("B/s", "kB/s", "MB/s", "GB/s", "TB/s"))


@register.filter
def percent(value: float | None) -> str:
    """A share, whole, cut off, so that "100" means full: 99.7 → "99"."""
    return NONE if value is None else localised(value, 0)


@register.filter
def share(used: float | None, total: float | None) -> float | None:
    """`used` of `total` in percent; None where either is unknown or the total is 0."""
    return None if used is None or not total else 100 * used / total


@register.inclusion_tag("servers/_meter.html")
def meter(value: float | None, *, fills: bool = False) -> dict[str, Any]:
    """A share as a bar from 0 to 100, hatched where it is unknown; what `fills` up warns in time."""
    return {
        "width": None if value is None else round(min(max(value, 0.0), 100.0), 1),
        "high": fills and value is not None and value >= HIGH_PCT,
    }


@dataclass(frozen=True, slots=True)
class ServerFigure:
    """One figure of a source: how it is read and written. `counted`: it takes two readings."""

    label: str | Promise
    unit: str | Promise
    read: Callable[[Source], float | None]
    write: Callable[[float | None], str]
    counted: bool = False


def _p50(distribution: Distribution | None) -> float | None:
    return distribution.p50_ms if distribution else None


def _p95(distribution: Distribution | None) -> float | None:
    return distribution.p95_ms if distribution else None


def _count(value: float | None) -> str:
    return whole(None if value is None else int(value))


MODEL_FIGURES: Final[dict[str, ServerFigure]] = {
    "requests": ServerFigure(_("Requests"), _("/min"), lambda s: s.figures.requests_per_min, rpm, True),
    "running": ServerFigure(_("Running"), "", lambda s: s.figures.running, _count),
    "queue": ServerFigure(_("Queue"), "", lambda s: s.figures.queue, _count),
    "tokens": ServerFigure(_("Output"), _("tokens/s"), lambda s: s.figures.tokens_per_s, rpm, True),
    "ttft_p50": ServerFigure(_("TTFT p50"), _("ms"), lambda s: _p50(s.figures.ttft), ms, True),
    "ttft_p95": ServerFigure(_("TTFT p95"), _("ms"), lambda s: _p95(s.figures.ttft), ms, True),
    "duration": ServerFigure(_("Answer p50"), _("ms"), lambda s: _p50(s.figures.duration), ms, True),
    "cache": ServerFigure(_("KV cache"), "%", lambda s: s.figures.kv_cache_pct, percent),
}
HOST_FIGURES: Final[dict[str, ServerFigure]] = {
    "cpu": ServerFigure(_("CPU"), "%", lambda s: s.figures.cpu_pct, percent, True),
    "memory": ServerFigure(_("Memory"), "%", lambda s: s.figures.memory_pct, percent),
    "network_in": ServerFigure(_("Network in"), "", lambda s: s.figures.network_in_bytes_per_s, flow, True),
    "network_out": ServerFigure(
        _("Network out"), "", lambda s: s.figures.network_out_bytes_per_s, flow, True
    ),
    "disk_read": ServerFigure(_("Disk read"), "", lambda s: s.figures.disk_read_bytes_per_s, flow, True),
    "disk_written": ServerFigure(
        _("Disk written"), "", lambda s: s.figures.disk_written_bytes_per_s, flow, True
    ),
}


def _figures_of(source: Source) -> dict[str, ServerFigure]:
    if source.kind == Server.Kind.NODE:
        return HOST_FIGURES
    return {} if source.kind == Server.Kind.DCGM else MODEL_FIGURES


def missing_server_figure(name: str, source: Source) -> str:
    """Why a source has no figure `name`, as one sentence."""
    told, counted = source.figures, _figures_of(source)[name].counted
    if source.at is None:
        return str(_("It has not been read yet."))
    if (source.kind, name) in NEVER_TOLD:
        return str(NEVER_TOLD[source.kind, name])
    if counted and told.rate_window_s is None:
        return str(_("It takes two readings; the second comes within a minute."))
    if name == "ttft_p95" and told.ttft:
        values = {"needed": P95_MIN_SAMPLES, "has": told.ttft.samples}
        return str(_("Needs %(needed)d requests, has %(has)d.") % values)
    if name in ("ttft_p50", "ttft_p95", "duration"):
        return str(_("No request got an answer in this window."))
    return str(_("This server does not tell it."))


@register.inclusion_tag("_components/figure.html")
def server_figure(name: str, source: Source) -> dict[str, Any]:
    """One figure of a source: number and unit, or "—" with its reason."""
    column = _figures_of(source)[name]
    value = column.read(source)
    return {
        "name": name,
        "written": column.write(value),
        "unit": column.unit,
        "missing": missing_server_figure(name, source) if value is None else "",
    }


@register.simple_tag
def model_figures() -> list[tuple[str, str | Promise]]:
    """(name, label) of every figure of a model server, in the order they are shown."""
    return [(name, column.label) for name, column in MODEL_FIGURES.items()]


@register.simple_tag
def missing_server_figures(source: Source) -> list[tuple[str, str | Promise, str]]:
    """(name, label, reason) of every figure that a source lacks."""
    return [
        (name, column.label, missing_server_figure(name, source))
        for name, column in _figures_of(source).items()
        if column.read(source) is None
    ]


@register.filter
def told_by(total: Sum) -> str:
    """How many sources a total is of: "3 of 4 servers", "4 servers"; "" where there is none of the kind."""
    if not total.of:
        return ""
    if total.told == total.of:
        return ngettext("%(n)d server", "%(n)d servers", total.of) % {"n": total.of}
    return ngettext("%(told)d of %(n)d server", "%(told)d of %(n)d servers", total.of) % {
        "told": total.told,
        "n": total.of,
    }
