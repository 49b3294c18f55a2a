"""From what people paste to what went wrong: a vendor's JSON, a dump of HTTP, an SDK's traceback, words.

Nothing of it is kept: of the text only what is recognised goes on, and a short part of the provider's own
message, scrubbed of whatever is shaped like a key. Pure.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from probes.protocols.blame import ErrorRow, rows_for
from probes.protocols.errors import ErrorAnswer, ErrorBody, ErrorInfo, read_error
from probes.protocols.gemini import read_gemini_error
from probes.protocols.limits import retry_after_s
from probes.scrubbing import scrub
from status.diagnosis.kinds import BY_KIND, Kind, Side, kind_of
from status.diagnosis.symptoms import (
    CODE,
    HEADER,
    PROTOCOLS,
    STATUS_OUTCOMES,
    STATUS_PLACES,
    STATUS_WORDS,
    SYMPTOMS,
    WAIT,
    WAIT_PART,
)

#: What may be pasted, in bytes of UTF-8.
MOST_BYTES: Final = 20_000
#: What an answer repeats of the provider's message.
MOST_REPEATED: Final = 300
MOST_CODES: Final = 8
#: So many beginnings of an object are tried in a text, and so deep may one be.
_MOST_TRIED: Final = 24
_DEEPEST: Final = 40
#: Nobody waits longer; what says more is misread.
LONGEST_WAIT_S: Final = 31 * 86_400
#: Rows of the table of blame that take the rest: without a status they say nothing.
_RESTS: Final = frozenset({"stream", "informational"})
_GEMINI: Final = frozenset({"gemini", "gemini_embed"})
_UNITS_S: Final = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "s": 1.0}
_PAGE: Final = re.compile(r"<(?:!doctype\s{1,3}html|html)\b", re.IGNORECASE)
_KEYS_OF_ERRORS: Final = frozenset({"error", "message", "detail", "code", "type", "errors"})


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody got. `outcome`: as `probes.outcomes` names it, "proxy", or "" = not recognised.

    `row`: of the table of blame that decided, "" = none did. `codes`: the machine words in it. `message`: the
    provider's own words, scrubbed and short. `retry_after_s`: what it asks to wait, None = it says nothing.
    """

    kind: Kind
    outcome: str = ""
    row: str = ""
    status: int | None = None
    codes: tuple[str, ...] = ()
    message: str = ""
    retry_after_s: float | None = None

    @property
    def side(self) -> Side:
        return BY_KIND[self.kind].side


def read_complaint(status: int | None, text: str, *, protocol: str = "", now: float = 0.0) -> Complaint:
    """What a status (None = none is known) and a pasted text (at most MOST_BYTES) say.

    protocol: of the endpoint, "" = by the text. now: unix seconds, for dates of retry-after.
    """
    protocol = protocol or _protocol_of(text)
    status = status or status_in(text)
    if status in STATUS_OUTCOMES:
        return _complaint(STATUS_OUTCOMES[status], "", status, ErrorInfo(), text, now)
    found = _body_in(text)
    answer = _answer(status, text, found, protocol, now)
    if not (200 <= (status or 0) < 300):
        decided = _decide(answer, protocol, sure=found is not None or status is not None)
        if decided is not None:
            return _complaint(decided.outcome, decided.id, status, answer.info, text, now)
    outcome = next((one.outcome for one in SYMPTOMS if one.pattern.search(text)), "")
    return _complaint(outcome, "", status, answer.info, text, now)


def status_in(text: str) -> int | None:
    """The HTTP status that a text tells, by number or by the name of an exception."""
    for place in STATUS_PLACES:
        if found := place.findall(text):
            return int(found[-1])
    return next((status for status, words in STATUS_WORDS if words.search(text)), None)


def _decide(answer: ErrorAnswer, protocol: str, *, sure: bool) -> ErrorRow | None:
    """The row of the table of blame; None where only a row that takes the rest would."""
    if answer.status is None and not sure and not answer.info.codes:
        return None
    told = answer if answer.status is not None else _in_stream(answer)
    row = next((row for row in rows_for(protocol) if row.matches(told)), None)
    if row is None or (answer.status is None and row.id in _RESTS and not answer.info.codes):
        return None
    return row


def _in_stream(answer: ErrorAnswer) -> ErrorAnswer:
    """An error without a status: some put the status they would have sent among their codes."""
    code = next((int(code) for code in sorted(answer.info.codes) if re.fullmatch(r"[45]\d\d", code)), None)
    return ErrorAnswer(code, answer.info, answer.headers, answer.remaining_zero, answer.html, in_stream=True)


def _answer(status: int | None, text: str, found: "_Found | None", protocol: str, now: float) -> ErrorAnswer:
    """The error as the table of blame sees it."""
    headers = _headers_in(text)
    extract: Callable[[Any], ErrorInfo] = read_gemini_error if protocol in _GEMINI else read_error
    if found is not None:
        content = json.dumps(found.value).encode()
        headers.pop("content-type", None)
    else:
        page = _PAGE.search(text)
        content = (text[page.start() :] if page else text).encode("utf-8", "replace")
    answer = ErrorBody(status or 0, headers, content, extract).answer()
    codes = answer.info.codes
    message = answer.info.message
    if found is None:
        codes |= {word.lower() for word in CODE.findall(text)}
    elif not message:
        message = text
    info = ErrorInfo(message, codes)
    return ErrorAnswer(status, info, answer.headers, answer.remaining_zero, answer.html)


def _complaint(
    outcome: str, row: str, status: int | None, info: ErrorInfo, text: str, now: float
) -> Complaint:
    return Complaint(
        kind=kind_of(outcome, row, info.codes, status),
        outcome=outcome,
        row=row,
        status=status,
        codes=tuple(sorted(scrub(code)[:60] for code in info.codes))[:MOST_CODES],
        message=scrub(info.message)[:MOST_REPEATED],
        retry_after_s=_wait_in(text, now),
    )


def _protocol_of(text: str) -> str:
    return next((name for name, words in PROTOCOLS if words.search(text)), "")


def _headers_in(text: str) -> dict[str, str]:
    return {name.lower(): value.strip() for name, value in HEADER.findall(text)}


def _wait_in(text: str, now: float) -> float | None:
    """Seconds: what the headers say, else the words."""
    told = retry_after_s(_headers_in(text), now)
    if told is None and (words := WAIT.search(text)):
        parts = WAIT_PART.findall(words[1])
        told = sum(float(number) * _unit_s(unit) for number, unit in parts) if parts else None
    return told if told is not None and 0 <= told <= LONGEST_WAIT_S else None


def _unit_s(unit: str) -> float:
    unit = unit.lower()
    return 0.001 if unit == "ms" or unit.startswith("milli") else _UNITS_S[unit[:1] or "s"]


@dataclass(frozen=True, slots=True)
class _Found:
    """An object that a text holds."""

    value: dict[str, Any]


def _body_in(text: str) -> _Found | None:
    """The first object in a text that reads like an error, written as JSON or as Python prints it."""
    decoder = json.JSONDecoder()
    for start in _beginnings(text):
        try:
            value: Any = decoder.raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            value = _literal(text, start)
        if isinstance(value, dict) and not _KEYS_OF_ERRORS.isdisjoint(value):
            return _Found(value)
    return None


def _beginnings(text: str) -> Iterator[int]:
    start = text.find("{")
    for _tried in range(_MOST_TRIED):
        if start < 0:
            return
        yield start
        start = text.find("{", start + 1)


def _literal(text: str, start: int) -> Any:
    """What Python prints of a dictionary, None where it is none."""
    end = _closing(text, start)
    if end is None:
        return None
    try:
        value = ast.literal_eval(text[start:end])
        json.dumps(value)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return value


def _closing(text: str, start: int) -> int | None:
    """Where the object ends that begins here; None where it does not, or is too deep to be read."""
    depth = 0
    for at in _brackets(text, start):
        depth += 1 if text[at] in "{[(" else -1
        if depth == 0:
            return at + 1
        if depth > _DEEPEST:
            return None
    return None


def _brackets(text: str, start: int) -> Iterator[int]:
    """Where brackets stand that are in no quotes."""
    quote, escaped = "", False
    for at in range(start, len(text)):
        letter = text[at]
        if escaped:
            escaped = False
        elif quote:
            escaped = letter == "\\"
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in "{}[]()":
            yield at
