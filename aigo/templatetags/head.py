"""What search engines and link previews are told of a page."""

import json
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from aigo.lib.site import absolute

register = template.Library()


@register.simple_tag(takes_context=True)
def again(context: Context, name: str) -> SafeString:
    """A block's content once more: a title stands in several places of a head."""
    block = context.render_context[BLOCK_CONTEXT_KEY].get_block(name)
    # What the block holds is escaped where it is rendered the first time, and in the same way.
    return mark_safe(str(block.render(context)).strip())  # noqa: S308


@register.simple_tag(takes_context=True)
def canonical(context: Context) -> str:
    """The page's one address: what filters and orders choose is the same page.

    A page that another address stands for names it in its context: `canonical`, a path.
    """
    return absolute(context.get("canonical") or context["request"].path)


@register.simple_tag
def whole_address(file: str) -> str:
    """A static file's address with the host."""
    return absolute(static(file))


@register.simple_tag
def structured_data() -> SafeString:
    """The site and its search, as schema.org names them; data, which no browser runs."""
    target = absolute(f"{reverse('search')}?q={{search_term_string}}")
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": "AI-GO",
        "url": absolute("/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": target},
            "query-input": "required name=search_term_string",
        },
    }
    return data_script(data)


def data_script(data: dict[str, Any]) -> SafeString:
    """Data in the head: no "<" or "&" of it can end the element or begin a comment."""
    text = json.dumps(data, separators=(",", ":"))  # ASCII: the ends of lines of U+2028 are escaped, too
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  # escaped
