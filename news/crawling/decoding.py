"""Bytes as text, whatever their server says of them. Pure.

In this order: a byte order mark, what the bytes can be decoded by of {the header's charset, the document's
own}, UTF-8, CP949 (Korean pages without a word about it), Latin-1, which decodes everything.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

_HEADER: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_DECLARED: Final = re.compile(
    rb"""(?:<meta[^<>]{0,300}?charset\s*=\s*["']?\s*|<\?xml[^<>]{0,100}?encoding\s*=\s*["'])([\w.:-]{1,40})""",
    re.I,
)
_HEAD_BYTES: Final = 4_096
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: What pages call a narrower encoding than they use (WHATWG Encoding).
_WIDER: Final = {
    "euc_kr": "cp949",
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}


def decoded(body: bytes, content_type: str = "") -> str:
    """The text; what cannot be decoded in any way is shown as U+FFFD. Never raises."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    given = [match[1] for match in (_HEADER.search(content_type),) if match]
    declared = _DECLARED.search(body[:_HEAD_BYTES])
    if declared:
        given.append(declared[1].decode("ascii", "replace"))
    for name in dict.fromkeys([*map(_known, given), "utf-8", "cp949"]):
        try:
            if name:
                return body.decode(name)
        except UnicodeDecodeError:
            continue
    # One broken byte must not turn the whole page into another alphabet.
    first = next((name for name in map(_known, given) if name), "")
    return body.decode(first or "utf-8", "replace") if first or _mostly_utf8(body) else body.decode("latin-1")


def _mostly_utf8(body: bytes) -> bool:
    """Whether at most one sign in a hundred is broken."""
    text = body.decode("utf-8", "replace")
    return text.count("\ufffd") * 100 <= len(text)


def _known(name: str) -> str:
    """Python's name of a text encoding, widened; "" = none that pages may use."""
    try:
        found = codecs.lookup(name).name
        b"a".decode(found, "replace")  # "rot13" and its like are no encodings of text
    except (LookupError, ValueError):
        return ""
    return (
        ""
        if found in ("utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape")
        else _WIDER.get(found, found)
    )
