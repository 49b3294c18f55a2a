"""Why a file of scores is refused, in words. The codes are those of benchmarks.rows.Fault."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REFUSALS: Final[Mapping[str, Promise]] = {
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
    "nothing_known": _("No row of it is of a suite that is known here."),
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
    "unknown_suite": _("No such suite. Add it first, or correct its name."),
    "other_unit": _("The suite is measured in another unit: %(wanted)s."),
    "out_of_range": _("Outside of the suite's scale, %(wanted)s."),
}
#: Why a row is not published by itself, though its source is trusted.
KEPT_BACK: Final[Mapping[str, Promise]] = {
    "untrusted": _("its source is not trusted to publish by itself"),
    "unmatched": _("its model is not known"),
    "suspect": _("its source looks wrong"),
    "aggregator": _("an aggregator copied it"),
    "conflicting": _("it contradicts a published figure of the same setting"),
}


def said(problem: Mapping[str, Any]) -> str:
    """A fault (benchmarks.rows.Fault.to_json) in the reader's language, without its place."""
    text = REFUSALS.get(problem["problem"])
    return str(problem["problem"]) if text is None else str(text) % {"wanted": problem.get("wanted", "")}


def placed(problem: Mapping[str, Any]) -> str:
    """With its place: "row 7, score: 140: Outside of the suite's scale, 0–100."."""
    where = [gettext("row %(row)s") % {"row": problem["row"]}] if problem["row"] else [gettext("file")]
    if problem["column"]:
        where.append(problem["column"])
    value = f" ({problem['value']})" if problem["value"] else ""
    return f"{', '.join(where)}{value}: {said(problem)}"
