"""Text from outside: HTML by an allow-list, and plain text without what no reader sees. Pure."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

import bleach

#: What an article's body may be made of; everything else is dropped, its words stay.
TAGS: Final = frozenset(
    [
        *("a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "dl", "dt", "em"),
        *("figcaption", "figure", "h2", "h3", "h4", "hr", "i", "ins", "kbd", "li", "ol", "p", "pre", "q"),
        *("s", "samp", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul", "var"),
    ]
)
ATTRIBUTES: Final = {
    "a": ["href", "title", "hreflang"],
    "abbr": ["title"],
    "blockquote": ["cite"],
    "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"],
    "*": ["lang"],
}
PROTOCOLS: Final = frozenset({"https", "http", "mailto"})
#: Elements that are nested take a parser of HTML5 the square of their number: half a minute for 60,000.
MAX_TAGS: Final = 8_000
#: Elements whose content is no text at all: dropped with it.
_SILENT: Final = re.compile(
    r"<(script|style|template|noscript|iframe|object|svg|math|textarea|title)\b.*?(?:</\1\s*>|\Z)",
    re.I | re.S,
)
_BLOCK: Final = re.compile(
    r"</?(?:p|div|li|ul|ol|tr|table|h[1-6]|section|article|blockquote|pre|br|hr|dd|dt|figcaption)\b[^<>]*>",
    re.I,
)
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?\n[ \n]*")
#: Control signs, and signs that turn the direction of writing or show nothing: a place to hide words.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


def clean_html(text: str) -> str:
    """HTML that may stand on a page of ours: allow-listed elements and attributes; links pass on neither
    the reader's page nor its standing. Idempotent. More than MAX_TAGS elements are taken for their words."""
    if text.count("<") > MAX_TAGS:
        return html.escape(plain_text(text), quote=False)
    cleaned = bleach.clean(
        _SILENT.sub(" ", _seen(text)),
        tags=TAGS,
        attributes=ATTRIBUTES,
        protocols=PROTOCOLS,
        strip=True,
        strip_comments=True,
    )
    # What bleach wrote has no other "<a ", and no rel.
    return cleaned.replace("<a ", '<a rel="nofollow noopener noreferrer" ')


def plain_text(text: str) -> str:
    """The words of HTML or of plain text, one line per block, without any markup."""
    without = _BLOCK.sub("\n", _SILENT.sub(" ", text))
    words = bleach.clean(without, tags=set(), attributes={}, strip=True, strip_comments=True)
    return one_spaced(html.unescape(words))


def one_spaced(text: str) -> str:
    """NFC, single blanks, no empty lines, nothing that is not seen."""
    normal = unicodedata.normalize("NFC", _seen(text).replace("\r", "\n"))
    return _LINES.sub("\n", _BLANKS.sub(" ", normal)).strip()


def one_line(text: str, most: int) -> str:
    """The same as one line of `most` characters at most."""
    line = " ".join(one_spaced(text).split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _seen(text: str) -> str:
    """Without control and unseen signs."""
    return _UNSEEN.sub("", text)
