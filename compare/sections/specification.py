"""What a model is, as the source of the catalogue states it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from aigo.lib.writing import whole
from catalog.citing import SOURCES
from catalog.identity import own_providers
from catalog.models import AIModel
from catalog.wording import CAPABILITIES, FUNCTION_WORDS, MODALITIES
from compare.lines import lines_of
from compare.sections.rows import Make, absent, figure, listed, rows_of, text
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import Text

YES_NO: Final = {True: _("yes"), False: _("no")}
#: Facts are kept once a model: see catalog.assembly for whose entry counts.
_OF_THE_MODEL: Final = _(
    "Of the model as the source lists it at its maker or at other hosts; this provider may allow less."
)
_CREATORS_OF_NOBODY: Final = "unknown"


def rows(subjects: Sequence[Subject]) -> Iterable[Row]:
    return rows_of(lines_of("specification"), subjects, _MAKERS)


def _source(subject: Subject, field: str) -> Provenance:
    """Who says so: editors of what they set by hand, the simulator of what it invents, else the source."""
    model = subject.model
    if model.simulated:
        return Provenance(
            "cited", source_name=_("AI-GO’s simulator: invented provider and model"), simulated=True
        )
    if field in model.edited_fields or not model.source_name:
        return Provenance("cited", source_name=_("AI-GO’s editors"))
    endpoint = subject.endpoint
    seen_at = endpoint.last_seen_in_source_at if endpoint else None
    elsewhere = endpoint and endpoint.provider.slug not in own_providers(model.creator.slug)
    address, licence = SOURCES.get(model.source_name, ("", ""))
    return Provenance(
        "cited",
        source_name=model.source_name,
        source_url=address,
        licence=licence,
        seen_at=seen_at if endpoint and endpoint.source_name == model.source_name else None,
        note=_OF_THE_MODEL if elsewhere else "",
    )


def _creator(subject: Subject) -> Cell:
    creator, about = subject.model.creator, _source(subject, "creator")
    if creator.slug == _CREATORS_OF_NOBODY:
        return absent("not_stated", about)
    return text(creator.slug, about, written=creator.name)


def _family(subject: Subject) -> Cell:
    return _words(subject, "family", subject.model.family)


def _description(subject: Subject) -> Cell:
    return _words(subject, "description", subject.model.description)


def _words(subject: Subject, field: str, value: str) -> Cell:
    about = _source(subject, field)
    return text(value, about) if value else absent("not_stated", about)


def _released(subject: Subject) -> Cell:
    about = _source(subject, "released_on")
    found = subject.model.released
    return text(found, about) if found else absent("not_stated", about)


def _tokens(subject: Subject, field: str) -> Cell:
    about, found = _source(subject, field), getattr(subject.model, field)
    return absent("not_stated", about) if found is None else figure(found, whole(found), about)


def _several(subject: Subject, field: str, words: Mapping[str, Text]) -> Cell:
    about, found = _source(subject, field), list(getattr(subject.model, field))
    if not found:
        return absent("not_stated", about)
    return listed(found, [(words.get(one, one.replace("_", " ")), "", "") for one in found], about)


def _flag(subject: Subject, field: str, value: bool | None) -> Cell:
    about = _source(subject, field)
    return absent("not_stated", about) if value is None else Cell(value, YES_NO[value], about)


def _can_reason(model: AIModel) -> bool | None:
    """The catalogue's flag is False where its source says nothing, too: then it lists no capability."""
    return True if model.reasoning else False if model.capabilities else None


_MAKERS: Final[dict[str, Make]] = {
    "creator": _creator,
    "family": _family,
    "released": _released,
    "knowledge_cutoff": lambda one: _words(one, "knowledge_cutoff", one.model.knowledge_cutoff),
    "context_window": lambda one: _tokens(one, "context_window"),
    "max_output": lambda one: _tokens(one, "max_output_tokens"),
    "modalities_in": lambda one: _several(one, "modalities_in", MODALITIES),
    "modalities_out": lambda one: _several(one, "modalities_out", MODALITIES),
    "capabilities": lambda one: _several(one, "capabilities", CAPABILITIES),
    "functions": lambda one: _several(one, "functions", FUNCTION_WORDS),
    "reasoning": lambda one: _flag(one, "reasoning", _can_reason(one.model)),
    "open_weights": lambda one: _flag(one, "open_weights", one.model.open_weights),
    "description": _description,
}
