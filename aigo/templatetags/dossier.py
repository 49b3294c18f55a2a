"""A model's page: its figures with what they rest on, and its facts in words."""

from collections.abc import Iterable
from typing import Any, Final

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL
from aigo.templatetags.figures import FIGURES, NONE, missing_reason, pct, state_label, whole, window
from aigo.templatetags.provenance import traced
from catalog.wording import CAPABILITIES, MODALITIES
from status.board import BoardRow
from status.dossier import Dossier
from status.models import OfficialPage
from status.rules import State
from status.rules.slo import BY_NAME
from status.said import Accord, Said
from status.slo import SloLine
from status.tracing import row_provenance

register = template.Library()

ACCORDS: Final[dict[str, str | Promise]] = {
    Accord.BOTH_WELL: gettext_lazy("Both say the same: all is well."),
    Accord.BOTH_TROUBLE: gettext_lazy("Both see trouble."),
    Accord.ONLY_OURS: gettext_lazy("We measure trouble that the official page does not tell of."),
    Accord.ONLY_THEIRS: gettext_lazy("The official page tells of trouble that we do not measure here."),
    Accord.UNKNOWN: gettext_lazy("They cannot be compared at present."),
}
PROBLEMS: Final[dict[str, str | Promise]] = {
    OfficialPage.Problem.UNREACHABLE: gettext_lazy("It has not answered since"),
    OfficialPage.Problem.UNREADABLE: gettext_lazy("It cannot be read since"),
    OfficialPage.Problem.FORBIDDEN: gettext_lazy("Its address is refused since"),
    OfficialPage.Problem.TOO_LARGE: gettext_lazy("It is too large to read since"),
    OfficialPage.Problem.RATE_LIMITED: gettext_lazy("It has turned us away since"),
}


@register.inclusion_tag("_components/traced.html", takes_context=True)
def row_figure(context: Context, name: str, row: BoardRow) -> dict[str, Any]:
    """One figure of a row with what it rests on; "—" with its reason."""
    column = FIGURES[name]
    value = getattr(row, column.field)
    return traced(
        context,
        column.write(value),
        column.unit,
        _usage_of(row) if name == "usage" else row_provenance(row),
        label=column.label,
        key=f"{row.slug} {row.region} {name}",
        missing=missing_reason(name, row) if value is None else "",
    )


def _usage_of(row: BoardRow) -> Provenance | None:
    """Closed APIs tell of none: then there is a reason and nothing to trace."""
    if row.usage_rpm is None:
        return None
    return Provenance(
        kind="cited",
        source_name=", ".join(row.usage_servers),
        seen_at=row.usage_at,
        simulated=row.simulated,
        note=gettext_lazy("Counted by the servers themselves."),
        rule="usage",
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def budget_figure(context: Context, budget: SloLine) -> dict[str, Any]:
    """What is left of the failures that the target allows."""
    note = format_lazy(
        gettext_lazy("Of what a target of {target} % allows to fail."), target=pct(budget.target_pct)
    )
    provenance = budget.provenance("computed", note=note)
    left = None if budget.budget_left_pct is None else pct(budget.budget_left_pct)
    few = _("fewer than %(n)s attempts") % {"n": whole(budget.attempts_needed)} if left is None else ""
    return traced(context, left, "%", provenance, label=_("Error budget left"), key=budget.slug, missing=few)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def period_figure(context: Context, budget: SloLine) -> dict[str, Any]:
    """Availability over the period that an endpoint's target is of."""
    provenance = budget.provenance("measured")
    missing = "" if budget.counted else _("No attempt has counted in these days.")
    found = pct(budget.availability_pct)
    return traced(context, found, "%", provenance, label=_("Found"), key=budget.slug, missing=missing)


@register.filter
def words(text: str) -> list[str]:
    """A list of machine words for a loop."""
    return text.split()


@register.filter
def figure_label(name: str) -> str | Promise:
    """The column's name."""
    return FIGURES[name].label


@register.filter
def model_tags(dossier: Dossier) -> list[str | Promise]:
    """What a reader must know before any figure."""
    known: list[tuple[bool, str | Promise]] = [
        (dossier.simulated, gettext_lazy("simulated")),
        (dossier.model.reasoning, gettext_lazy("reasoning")),
        (bool(dossier.row and dossier.row.tier == "A"), gettext_lazy("reachability only")),
    ]
    tags = [tag for shown, tag in known if shown]
    if dossier.chosen and dossier.chosen.endpoint.lifecycle != "active":
        tags.append(dossier.chosen.endpoint.get_lifecycle_display())
    return tags


@register.filter
def region_address(row: BoardRow, dossier: Dossier) -> str:
    """The overview as measured from a row's region."""
    path = reverse("model", args=[dossier.slug])
    return path if row.region == ALL else f"{path}?region={row.region}"


@register.filter
def pair_window(pair: str) -> str:
    """How long the longer window of a burn alert is: "1 hour"; the machine word of a pair that is no more."""
    return window(BY_NAME[pair].long_s) if pair in BY_NAME else pair


@register.filter
def accord_sentence(accord: str) -> str | Promise:
    """How the official page and our measurement go together."""
    return ACCORDS[accord]


@register.filter
def problem_sentence(problem: str) -> str | Promise:
    """Why a page cannot be read, up to the moment that follows."""
    return PROBLEMS.get(problem, PROBLEMS["unreadable"])


@register.filter
def said_words(said: Said) -> str | Promise:
    """What the page says of the whole."""
    if said.indicator:
        return OfficialPage.Indicator(said.indicator).label
    return _("trouble") if said.troubled else _("tells of no incident")


@register.filter
def modality_labels(names: Iterable[str]) -> str:
    """ "text, image" in the page's language."""
    return ", ".join(str(MODALITIES.get(name, name)) for name in names)


@register.filter
def capability_labels(names: Iterable[str]) -> str:
    """ "function calling, streaming" in the page's language."""
    return ", ".join(str(CAPABILITIES.get(name, name.replace("_", " "))) for name in names)


@register.simple_tag
def model_description(dossier: Dossier) -> str:
    """One sentence for search engines and shared links: what is measured now."""
    row, name = dossier.rows[0] if dossier.rows else None, dossier.model.name
    if row is None or row.state is State.UNKNOWN:
        return _("%(name)s: specification, prices and who serves it. Its state is not known now.") % {
            "name": name
        }
    values = {"name": name, "provider": row.provider, "state": state_label(row.state)}
    values |= {
        "pct": pct(row.availability_pct),
        "p95": NONE if row.p95_ms is None else f"{row.p95_ms:.0f} ms",
    }
    return (
        _("%(name)s at %(provider)s now: %(state)s, %(pct)s %% available, p95 %(p95)s, as we measure it.")
        % values
    )
