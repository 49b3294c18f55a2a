"""Why a file is refused, in words. The codes are those of aigo.lib.faults.Fault."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSED: Final[Mapping[str, Promise]] = {
    "not_utf8": _("The file is not UTF-8."),
    "control_character": _("Control characters are not accepted."),
    "header_changed": _("The header is another one than the format has. Expected: %(wanted)s"),
    "too_many_rows": _("More than %(wanted)s rows."),
    "too_large": _("The file is larger than %(wanted)s."),
    "too_deep": _("Nested too deeply."),
    "torn_row": _("The row has another number of cells than the header, which has %(wanted)s."),
    "not_csv": _("This is no CSV."),
    "not_json": _("This is no JSON."),
    "key_twice": _("The same name stands twice in one object."),
    "no_address": _("The file's own address must be given: its rows cite it."),
    "not_yaml": _("This is no YAML that is accepted (no aliases, no tags)."),
    "other_shape": _("Another shape than the format has. Expected: %(wanted)s"),
    "missing": _("Must not be empty."),
    "not_a_text": _("Expected a text."),
    "formula": _("Begins like a formula (= + - @ or a tab)."),
    "too_long": _("Longer than %(wanted)s characters."),
    "not_a_number": _("Expected a plain decimal number."),
    "not_a_date": _("Expected a year, month or day, as in 2025, 2025-04 or 2025-04-30."),
    "not_an_address": _("Expected an address that begins with https:// or http://."),
    "not_accepted": _("Expected one of: %(wanted)s"),
}


def said(problem: Mapping[str, Any], words: Mapping[str, Promise] = REFUSED) -> str:
    """A fault (Fault.to_json) in the reader's language, without its place."""
    text = words.get(problem["problem"])
    return str(problem["problem"]) if text is None else str(text) % {"wanted": problem.get("wanted", "")}


def placed(problem: Mapping[str, Any], words: Mapping[str, Promise] = REFUSED) -> str:
    """With its place: "row 7, score (140): Outside of the suite's scale, 0–100."."""
    where = [gettext("row %(row)s") % {"row": problem["row"]}] if problem["row"] else [gettext("file")]
    if problem["column"]:
        where.append(problem["column"])
    value = f" ({problem['value']})" if problem["value"] else ""
    return f"{', '.join(where)}{value}: {said(problem, words)}"
