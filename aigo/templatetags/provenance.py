"""`{% traced %}`: a figure that tells on hover, focus and tap what it was computed from, or who said it."""

import hashlib
from typing import Any, Final

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Kind, Provenance
from aigo.templatetags.figures import NONE

register = template.Library()

#: What a kind of figure is, as the first sentence of its provenance.
KINDS: Final[dict[Kind, Promise]] = {
    "measured": _("Measured by AI-GO’s own probes."),
    "counted": _("Counted by AI-GO from its own records."),
    "cited": _("Cited: this is what the source states, not what we measured."),
    "computed": _("Computed by AI-GO from its own figures."),
}


@register.filter
def kind_text(kind: Kind) -> Promise:
    """The sentence for a `Provenance.kind`."""
    return KINDS[kind]


@register.inclusion_tag("_components/traced.html", takes_context=True)
def traced(
    context: Context,
    written: object,
    unit: object = "",
    provenance: Provenance | None = None,
    *,
    label: object,
    name: str = "",
    key: str = "",
    missing: object = "",
) -> dict[str, Any]:
    """A figure as written ("99.49", "—", None = "—") with its unit; its provenance opens beside it.

    label: what it is, for the popover's title and for screen readers. name: what live updates find it by
    (`data-figure`). key: tells two alike on one page apart, for instance a slug. missing: why there is none,
    one sentence; without one the provenance's note is the reason.
    """
    text = NONE if written is None or written == "" else str(written)
    absent = text == NONE
    return {
        "id": _id_of(context, f"{label}|{name}|{key}|{provenance and provenance.region}"),
        "written": text,
        "unit": "" if absent else unit,
        "label": label,
        "name": name,
        "absent": absent,
        "missing": (missing or (provenance.note if provenance else "")) if absent else "",
        "about": provenance,
    }


def _id_of(context: Context, what: str) -> str:
    """The same on every rendering, so that a refreshed fragment finds its popovers; once in a page."""
    found = "p-" + hashlib.blake2s(what.encode(), digest_size=5).hexdigest()
    request = getattr(context, "request", None) or context.get("request")
    if request is None:
        return found
    given: dict[str, int] = request.__dict__.setdefault("traced_ids", {})
    given[found] = given.get(found, 0) + 1
    return found if given[found] == 1 else f"{found}-{given[found]}"
