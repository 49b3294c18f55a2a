"""How detection leads are written: who was first, by how much, and how far that may be wrong."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aigo.lib.provenance import Provenance
from aigo.templatetags.figures import whole
from aigo.templatetags.provenance import traced
from status.leads import MonthlyLeads
from status.models import DetectionLead

register = template.Library()

NONE = "—"


@register.filter
def lead_length(seconds: float | None) -> str:
    """A length of time, whole seconds, without its sign: 65 → "1 min 5 s", 7200 → "2 h", None → "—"."""
    if seconds is None:
        return NONE
    minutes, rest = divmod(round(abs(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    parts = (_("%(count)d h") % {"count": hours}, _("%(count)d min") % {"count": minutes})
    shown = [part for part, count in zip(parts, (hours, minutes), strict=True) if count]
    if rest or not shown:
        shown.append(_("%(count)d s") % {"count": rest})
    return " ".join(shown)


@register.filter
def lead_signed(seconds: float | None) -> str:
    """As `lead_length`, with its sign: -65 → "−1 min 5 s", 65 → "+1 min 5 s"."""
    if seconds is None:
        return NONE
    sign = "−" if round(seconds) < 0 else "+" if round(seconds) > 0 else ""
    return f"{sign}{lead_length(seconds)}"


@register.filter
def verdict_label(verdict: str) -> str | Promise:
    """What came of an incident; the word itself for one this program does not know."""
    return dict(DetectionLead.Verdict.choices).get(verdict, verdict)


@register.filter
def basis_label(basis: str) -> str | Promise:
    """What the moment of the page's first words rests on; "" for none."""
    return dict(DetectionLead.Basis.choices).get(basis, "")


@register.filter
def lead_for(leads: Mapping[int, Any], incident: int) -> Any:
    """What came of an incident beside the official page; None = nothing is known of it."""
    return leads.get(incident) if leads else None


@register.filter
def lead_short(line: Any) -> str:
    """The same as `lead_sentence` in a few words, for lists; "" where there is nothing to tell."""
    words = {
        "us": _("%(lead)s before the official page"),
        "them": _("%(lead)s after the official page"),
        "together": _("with the official page"),
        "page_silent": _("official page silent"),
    }
    return words[line.verdict] % {"lead": lead_length(line.lead_s)} if line.verdict in words else ""


@register.filter
def lead_sentence(line: Any) -> str:
    """What a LeadLine says of one incident, as one sentence."""
    values = {"lead": lead_length(line.lead_s), "error": lead_length(line.error_s)}
    sentences = {
        "us": _("AI-GO detected it %(lead)s before the official page said anything (± %(error)s)."),
        "them": _("The official page spoke %(lead)s before AI-GO detected it (± %(error)s)."),
        "together": _("AI-GO and the official page were %(lead)s apart, within the error of ± %(error)s."),
        "unbounded": _("It was on the official page when that was first read: there is no lead to tell."),
        "page_silent": _("The official page had not told of it an hour after its end."),
        "page_unread": _("The official page could not be read: whether it told of it is not known."),
    }
    return sentences[line.verdict] % values if line.verdict in sentences else ""


@register.inclusion_tag("_components/traced.html", takes_context=True)
def lead_figure(context: Context, month: MonthlyLeads) -> dict[str, Any]:
    """A month's median lead, signed; "—" where no incident was on both sides."""
    found = month.typical
    about = Provenance(
        "computed",
        samples=found.n if found else None,
        method_version=month.method_version,
        simulated=month.simulated,
        note=gettext_lazy("Median of the leads whose error is known; positive: we were first."),
        rule="lead",
    )
    missing = "" if found else _("no incident of this month was on both sides")
    written = lead_signed(found.median_s) if found else None
    return traced(context, written, "", about, label=_("Detection lead"), key=_key(month), missing=missing)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def verdict_figure(context: Context, month: MonthlyLeads, verdict: str, count: int) -> dict[str, Any]:
    """How many of a month's incidents ended so."""
    about = Provenance(
        "counted",
        method_version=month.method_version,
        simulated=month.simulated,
        note=gettext_lazy("Incidents of the month, each counted once."),
        rule="lead",
    )
    return traced(context, whole(count), "", about, label=verdict_label(verdict), key=_key(month))


def _key(month: MonthlyLeads) -> str:
    return f"{month.month:%Y-%m} {month.provider} {month.simulated}"
