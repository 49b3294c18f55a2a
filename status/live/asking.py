"""What an address or a client's message asks for; whatever cannot be accepted is a Problem that names it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from rest_framework.exceptions import PermissionDenied

from aigo.lib.answers import one_of, whole_number
from aigo.lib.events import START, order
from aigo.lib.problems import Problem
from aigo.lib.regions import ALL, BY_SLUG
from catalog.tagging import FUNCTIONS
from status.board import SORTS
from status.filtering import STATES, Filters, asked
from status.live.doors import is_our_origin
from status.live.frames import FORMATS, View

#: What a client may say at once, in bytes.
MOST_BYTES = 4096
#: Endpoints or models that one listener can pick.
MOST_MODELS = 20
#: Values that one filter can have.
MOST_VALUES = 100
#: Places that a view can begin at and end after.
MOST_ROWS = 100_000
_MODELS = f"up to {MOST_MODELS} slugs of endpoints or models"


def view_asked(query_string: str) -> View:
    """The view that an address asks for."""
    query = _query_of(query_string)
    languages = [code for code, _name in settings.LANGUAGES]
    return View(
        region=one_of(query, "region", BY_SLUG, ALL),
        format=one_of(query, "format", FORMATS, FORMATS[0]),
        lang=one_of(query, "lang", languages, languages[0]),
        sort=one_of(query, "sort", SORTS, SORTS[0]),
        models=models_asked(query.get("models", "").split(",")),
        filters=filters_asked(dict(query.lists())),
        offset=whole_number(query, "offset", 0, least=0, most=MOST_ROWS),
        limit=whole_number(query, "limit", 0, least=0, most=MOST_ROWS),
    )


class _Any(tuple[str, ...]):
    """What only the board knows: a first frame is refused for what it does not."""

    def __contains__(self, _value: object) -> bool:
        return True


#: What the address alone can tell to be right.
_KNOWN = {"function": FUNCTIONS, "provider": _Any(), "foundation": _Any(), "state": STATES}


def filters_asked(given: Mapping[str, Sequence[str]]) -> Filters:
    """The filters among the parameters; as everywhere, several values widen one."""
    found = asked({name: given[name] for name in _KNOWN if name in given}, _KNOWN)
    for name, value in found.refused:
        raise Problem(name, value, _KNOWN[name])
    for name, values in found.wish.filters:
        if len(values) > MOST_VALUES:
            raise Problem(name, ",".join(values)[:100], f"up to {MOST_VALUES} values")
    return found.wish.filters


def since_asked(query_string: str, last_event_id: str = "") -> str:
    """The event id to go on from, "" = none. `last_event_id`: of the header, which a stream returns with."""
    since = last_event_id or _query_of(query_string).get("since", "")
    try:
        if since:
            order(since)
    except ValueError:
        raise Problem("since", since, f"an event id such as {START}") from None
    return since


def _query_of(query_string: str) -> QueryDict:
    try:
        return QueryDict(query_string)
    except TooManyFieldsSent:
        most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
        raise Problem("query", query_string[:100], f"at most {most} parameters") from None


def models_asked(names: Any) -> tuple[str, ...]:
    """The picked slugs, sorted, each once."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Problem("models", names, f"a list of {_MODELS}")
    picked = sorted({name for name in names if name})
    if len(picked) > MOST_MODELS:
        raise Problem("models", ",".join(names), _MODELS)
    return tuple(picked)


def message_asked(text: str | None) -> dict[str, Any]:
    """A client's message: a JSON object of a known type."""
    message = _object_of(text) if text is not None else None
    if message is None:
        raise Problem("message", (text or "binary")[:100], 'a JSON object such as {"type": "subscribe"}')
    if message.get("type") != "subscribe":
        raise Problem("type", message.get("type"), ["subscribe"])
    return message


def _object_of(text: str | bytes) -> dict[str, Any] | None:
    """A JSON object, None for anything else. Half a character (a lone surrogate) could not be sent on."""
    try:
        said = json.loads(text)
        json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def subscription_asked(body: bytes, origin: str) -> tuple[str, dict[str, Any]]:
    """The connection token and the wish of a POST. Raises PermissionDenied for another site's page."""
    if not is_our_origin(origin):
        raise PermissionDenied("The Origin header names another site.")
    if len(body) > MOST_BYTES:
        raise Problem("body", f"{len(body)} bytes", f"at most {MOST_BYTES} bytes", status_code=413)
    wish = _object_of(body)
    if wish is None:
        raise Problem(
            "body", body[:100].decode(errors="replace"), 'a JSON object such as {"connection": "…"}'
        )
    connection = wish.pop("connection", None)
    if not isinstance(connection, str) or not connection:
        raise Problem("connection", connection, "the token of the stream's hello frame")
    subscribed(View("all"), wish)
    return connection, wish


def _texts(name: str, values: object) -> list[str]:
    if isinstance(values, list) and all(isinstance(value, str) for value in values):
        return values
    raise Problem(name, values, "a list of texts")


def subscribed(view: View, wish: Mapping[str, Any]) -> View:
    """The view with what a subscription names changed; the rest stays as it is."""
    changes: dict[str, Any] = {}
    for name, accepted in (("region", BY_SLUG), ("sort", SORTS)):
        if name in wish:
            if not isinstance(wish[name], str) or wish[name] not in accepted:
                raise Problem(name, wish[name], accepted)
            changes[name] = wish[name]
    if "models" in wish:
        changes["models"] = models_asked(wish["models"])
    if given := {name: _texts(name, wish[name]) for name in _KNOWN if name in wish}:
        changes["filters"] = filters_asked({**dict(view.filters), **given})
    return replace(view, **changes)
