"""Tables as CSV that every spreadsheet opens rightly, and that none of them takes for formulas."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.text import get_valid_filename
from rest_framework.request import Request

from aigo.lib.answers import PUBLIC_CACHE, packed, tag_of

#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
#: Without it a spreadsheet reads the bytes in the machine's own encoding, and Hangul is lost.
BYTE_ORDER_MARK: Final = "\ufeff"


def sheet(rows: Iterable[Mapping[str, Any]]) -> str:
    """RFC 4180 with a header of the first row's keys; None is an empty cell, "" without any row."""
    rows = list(rows)
    if not rows:
        return BYTE_ORDER_MARK
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(rows[0])
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return BYTE_ORDER_MARK + written.getvalue()


def csv_answer(request: Request, name: str, rows: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """The rows as a download called `<name>.csv`, with ETag; 304 where the client has it."""
    body = sheet(rows)
    tag = quote_etag(tag_of(body))
    response = HttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{get_valid_filename(name)}.csv"'
    response["ETag"] = tag
    response["Cache-Control"] = PUBLIC_CACHE
    answer = get_conditional_response(request._request, etag=tag, response=response) or response
    return packed(request._request, answer)


def _cell(value: Any) -> Any:
    """Numbers as they are; a text that would be a formula is led by an apostrophe, which shows it as text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(FORMULAS):
        return f"'{value}"
    return value
