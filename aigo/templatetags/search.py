"""What a thing that was found (`aigo.findable.Thing`) is called, and what is said of it beside its name."""

from typing import Any

from django import template
from django.template.defaultfilters import date
from django.utils.translation import get_language, gettext, ngettext

register = template.Library()


@register.filter
def told(thing: Any) -> str:
    """Its name in the page's language."""
    return str(thing.title.told(get_language() or "en"))


@register.filter
def about(thing: Any) -> str:
    """Who makes or serves it, and by how many: "OpenAI · 12 endpoints"; of an article its day."""
    parts = [thing.by] if thing.by else []
    if thing.kind == "function":
        parts.append(gettext("Board of this function"))
    elif thing.kind == "article":
        parts.append(date(thing.at, "Y-m-d"))
    elif thing.retired:
        parts.append(gettext("retired"))
    elif thing.kind in ("model", "provider") and thing.endpoints != 1:
        words = ngettext("%(n)d endpoint", "%(n)d endpoints", thing.endpoints)
        parts.append(words % {"n": thing.endpoints})
    return " · ".join(parts)
