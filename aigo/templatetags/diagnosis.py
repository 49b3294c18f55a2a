"""Words of "Is it me or them?": the pure tables' sentences in the page's language."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext as translated

from aigo.lib.provenance import Provenance
from probes.services.upkeep import ROLLUPS_KEPT
from status.diagnosing import Diagnosis, waiting_time
from status.diagnosis.asking import FIELDS
from status.diagnosis.kinds import Kind, Side
from status.diagnosis.sight import Place, Sight, Sign
from status.diagnosis.table import Answer, Confidence
from status.diagnosis.words import (
    ANSWER_WORDS,
    CONFIDENCE_WORDS,
    CONFIDENCES,
    KIND_WORDS,
    SIDE_WORDS,
    SIGHT_WORDS,
    SIGN_WORDS,
    UNMEASURED,
)

register = template.Library()

_ICONS: Final[Mapping[Answer, str]] = {
    Answer.THEM: "outage",
    Answer.YOU: "key",
    Answer.UNCLEAR: "unknown",
}
_STATES: Final[Mapping[Sight, str]] = {
    Sight.FAILING: "outage",
    Sight.SHAKY: "degraded",
    Sight.ONCE: "degraded",
    Sight.WELL: "operational",
}


@register.filter
def in_words(text: str) -> str:
    """A sentence of a pure table, in the page's language."""
    return translated(text) if text else ""


@register.filter
def answer_icon(answer: Answer) -> str:
    """The shape that stands for an answer."""
    return _ICONS[answer]


@register.filter
def answer_word(answer: Answer) -> str:
    """them, you, unclear."""
    return translated(ANSWER_WORDS[answer])


@register.filter
def confidence_word(confidence: Confidence) -> str:
    """confirmed, likely; "" for an answer that is none."""
    return in_words(CONFIDENCE_WORDS[confidence])


@register.filter
def confidence_sentence(confidence: Confidence) -> str:
    """What it means."""
    return translated(CONFIDENCES[confidence])


@register.filter
def kind_word(kind: Kind) -> str:
    """What an error is, in two or three words."""
    return translated(KIND_WORDS[kind])


@register.filter
def side_word(side: Side) -> str:
    """Whom an error points to."""
    return translated(SIDE_WORDS[side])


@register.filter
def side_sentence(side: Side) -> str:
    """The same as a remark."""
    return _("by itself it points %(side)s") % {"side": side_word(side)}


@register.filter
def sight_word(sight: Sight) -> str:
    """What attempts from one place look like."""
    return translated(SIGHT_WORDS[sight])


@register.filter
def sight_state(sight: Sight) -> str:
    """The mark for it."""
    return _STATES.get(sight, "unknown")


@register.filter
def sign_word(sign: Sign) -> str:
    """A sign, as short as a table has room for."""
    return translated(SIGN_WORDS[sign])


@register.filter
def waiting(seconds: float) -> str:
    """How long to wait."""
    return waiting_time(seconds)


@register.filter
def traced_in(place: Place, diagnosis: Diagnosis) -> Provenance:
    """Where the figures of a place are from."""
    return diagnosis.traced(place)


@register.filter
def unmeasured_sentence(diagnosis: Diagnosis) -> str:
    """Why nothing was measured."""
    return translated(UNMEASURED[diagnosis.unmeasured or "nothing"]) % {"days": ROLLUPS_KEPT.days}


@register.filter
def as_data(diagnosis: Diagnosis) -> str:
    """The same answer of the API, without the message."""
    return f"{reverse('api-diagnose')}?{diagnosis.address.partition('?')[2]}"


@register.simple_tag
def whose_query(given: Mapping[str, Any], **changed: str) -> str:
    """What was asked as an address, changed, without the message."""
    asked = {name: given.get(name, "") for name in FIELDS if name != "message"} | changed
    return urlencode({name: value for name, value in asked.items() if value})
