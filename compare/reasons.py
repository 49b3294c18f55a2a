"""Why a cell is empty, and why something of an address was left out, in words."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from compare.asking import DIFFERENCES, MOST, Refusal
from status.tracing import MISSING, REASONS

#: Code → sentence; those of measured figures are the board's.
SENTENCES: Final[dict[str, str | Promise]] = {
    **REASONS,
    **MISSING,
    "not_stated": gettext_lazy("The source of the catalogue does not state it."),
    "not_served": gettext_lazy("No provider that we know serves this model."),
    "no_price": gettext_lazy("No source states this price."),
    "no_protocol": gettext_lazy("How this provider is called is not in the catalogue."),
    "no_limits": gettext_lazy("Neither documentation that we read nor an answer’s headers state one."),
    "no_advice": gettext_lazy("No source that we read states any."),
    "no_links": gettext_lazy("No link to this provider’s documentation is curated."),
    "not_watched": gettext_lazy("This endpoint is in the catalogue and not on the board: nobody probes it."),
    "no_long_answer": gettext_lazy("No long answer has been measured in 24 hours."),
    "no_score": gettext_lazy("No score of this model in this suite is published here."),
    "no_page": gettext_lazy("No official status page of this provider is read."),
    "no_incident": gettext_lazy("No incident has held it in 90 days."),
    "no_days": gettext_lazy("No attempt has counted in these days."),
    "few_attempts": gettext_lazy("Needs %(needed)s attempts, has %(has)s."),
    "not_judged": gettext_lazy("No target is judged for this endpoint."),
    "no_date": gettext_lazy("The provider names no date."),
    "unreadable": gettext_lazy("The official page cannot be read at present."),
}


def reason_text(code: str, values: Mapping[str, Any]) -> str:
    """A reason in the present language; values stand in it by name. "" for a code that nobody knows."""
    found = str(SENTENCES.get(code, ""))
    return found % values if "%(" in found else found


def refusal_words(refusal: Refusal) -> str:
    """Why something was left out, as one sentence in the present language."""
    values = {"value": refusal.value, "most": MOST}
    if refusal.why == "too_many":
        return _("At most %(most)d models stand side by side: %(value)s was left out.") % values
    if refusal.why == "unknown":
        return _("There is no model “%(value)s” in the catalogue.") % values
    if refusal.why == "region":
        return _("“%(value)s” is no region: all regions are shown.") % values
    if refusal.why == "norm":
        return _("“%(value)s” is no normalisation: scores stand relative to the best published one.") % values
    return _("“%(value)s” is not understood; “%(known)s” leaves out rows that are alike.") % (
        values | {"known": DIFFERENCES}
    )
