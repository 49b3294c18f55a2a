"""Why a file of scores is refused, in words. The codes are those of aigo.lib.faults.Fault."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib import refusing
from aigo.lib.refusing import REFUSED

REFUSALS: Final[Mapping[str, Promise]] = {
    **REFUSED,
    "nothing_known": _("No row of it is of a suite that is known here."),
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
    """A fault (aigo.lib.faults.Fault.to_json) in the reader's language, without its place."""
    return refusing.said(problem, REFUSALS)


def placed(problem: Mapping[str, Any]) -> str:
    """With its place: "row 7, score: 140: Outside of the suite's scale, 0–100."."""
    return refusing.placed(problem, REFUSALS)
