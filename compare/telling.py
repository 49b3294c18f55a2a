"""A comparison in sentences: whom it compares, and where each of its figures is from."""

from collections import Counter
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aigo.lib.provenance import Provenance
from aigo.lib.regions import BY_SLUG
from aigo.lib.writing import whole, window
from compare.lines import Line
from compare.reasons import reason_text
from compare.table import Cell, Comparison

#: Kinds of figures whose unit stands behind each; those of others stand once, beside the line's name.
UNIT_BEHIND: Final = ("percent", "ms")


def names_of(comparison: Comparison) -> str:
    """ "GPT-4.1, o3 and Claude Sonnet 4.5"; with its provider where a name stands twice."""
    names = called(comparison)
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def called(comparison: Comparison) -> list[str]:
    """What its columns are called, no two alike."""
    often = Counter(column.name for column in comparison.columns)
    return [
        f"{column.name} ({column.provider})" if often[column.name] > 1 else column.name
        for column in comparison.columns
    ]


def written_of(line: Line, cell: Cell) -> str:
    """A cell as one text: with the unit that stands behind each figure, a list with its remarks."""
    if cell.items:
        return ", ".join(
            f"{item['text']} ({item['note']})" if item["note"] else str(item["text"]) for item in cell.items
        )
    behind = cell.known and line.kind in UNIT_BEHIND and str(line.unit)
    return f"{cell.written} {line.unit}" if behind else str(cell.written)


def note_of(cell: Cell) -> str:
    """Where a figure is from, or why there is none, as one line of sentences; "" = nothing is known of it."""
    if not cell.known:
        return cell.why
    parts = [reason_text(str(cell.extra.get("reason", "")), {})]
    if "evidence" in cell.extra:
        parts.append(_score(cell))
    if cell.provenance and not (cell.provenance.kind == "measured" and not cell.provenance.samples):
        parts.append(envelope_words(cell.provenance))
    return " ".join(part for part in parts if part)


def envelope_words(about: Provenance) -> str:
    """An envelope in the present language, as a list of sources has it."""
    told = _measured(about) if about.kind == "measured" else _stated(about)
    simulated = _("Simulated.") if about.simulated else ""
    return f"{told} {simulated}".rstrip()


def minute(moment: datetime) -> str:
    """ "2026-11-22 08:00", UTC."""
    return f"{moment:%Y-%m-%d %H:%M}"


def _measured(about: Provenance) -> str:
    counted = ngettext("%(number)s attempt that counts", "%(number)s attempts that count", about.samples or 0)
    region = BY_SLUG.get(about.region)
    parts = [
        counted % {"number": whole(about.samples or 0)},
        window(about.window_s) if about.window_s else "",
        str(region.name if region else about.region),
        _("probes of tier %(tier)s") % {"tier": about.tier} if about.tier else "",
        _("last at %(moment)s UTC") % {"moment": minute(about.last_at)} if about.last_at else "",
        _("method %(version)s") % {"version": about.method_version} if about.method_version else "",
    ]
    return _("Measured by AI-GO: %(facts)s.") % {"facts": ", ".join(part for part in parts if part)}


def _stated(about: Provenance) -> str:
    """Of whoever states it, or of the rule that it is reckoned by."""
    parts = [
        str(about.source_name),
        about.source_url,
        _("read %(day)s") % {"day": f"{about.seen_at:%Y-%m-%d}"} if about.seen_at else "",
        _("licence: %(licence)s") % {"licence": about.licence} if about.licence else "",
    ]
    said = ", ".join(part for part in parts if part)
    note = str(about.note)
    return " ".join(part for part in (f"{said}." if said else "", note) if part)


def _score(cell: Cell) -> str:
    """ "90.2 %, 5-shot." The envelope says who says so."""
    setting = str(cell.extra.get("setting") or _("setting not stated"))
    return f"{cell.extra.get('published') or cell.written}, {setting}."
