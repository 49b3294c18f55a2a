"""Webhooks by the Standard Webhooks specification.

A secret is derived from SECRET_KEY, the channel's slug and the secret's version, so it is kept nowhere:
`manage.py webhook_secret <channel>` prints it for whoever sets up the receiver. For a day after a rotation
both the new and the former one sign. Source: https://github.com/standard-webhooks/standard-webhooks (the
specification).
"""

import hashlib
import hmac
import json
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings

from aigo.lib.addresses import BadAddress
from aigo.lib.fetch import Answer, FetchError, ForbiddenAddress, Policy, ask
from aigo.lib.moments import moment_text
from aigo.lib.retry_after import retry_after_s
from status.outgoing import Outcome, Outgoing, WebhookTarget
from status.sending.texts import telling_of

#: The former secret goes on signing for so long after a rotation.
OVERLAP: Final = timedelta(hours=24)
TIMEOUT_S: Final = 15.0
#: What a notice quotes of what people wrote, in characters per language: bodies stay below 20 kB.
MOST_QUOTED_CHARS: Final = 1_500


def secret_of(slug: str, version: int) -> str:
    """The channel's secret of that version, as receivers are given it: whsec_ and 32 bytes in base64."""
    text = f"webhook:{slug}:{version}"
    key = hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).digest()
    return f"whsec_{b64encode(key).decode()}"


def secrets_of(target: WebhookTarget, *, now: datetime) -> list[str]:
    """Those that sign at this moment, the newest first."""
    versions = [target.secret_version]
    if target.secret_version > 1 and target.rotated_at and now < target.rotated_at + OVERLAP:
        versions.append(target.secret_version - 1)
    return [secret_of(target.slug, version) for version in versions]


def signature(secrets: Iterable[str], *, uid: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one v1 signature per secret, over id, timestamp and body."""
    signed = f"{uid}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()
        for secret in secrets
    )


def body_of(outgoing: Outgoing) -> bytes:
    """What every try at this notice sends: {type, timestamp, data} as JSON. `timestamp`: when it was made."""
    if outgoing.body is not None:
        return outgoing.body
    told = telling_of(outgoing)
    data = {
        "subject": outgoing.subject,
        "severity": outgoing.severity,
        "title": told.title,
        "text": "\n".join(told.lines()),
        **_quoted(outgoing.facts),
    }
    content = {
        "type": f"{outgoing.topic}.{outgoing.kind}" if outgoing.topic != outgoing.kind else outgoing.topic,
        "timestamp": moment_text(outgoing.made_at),
        "data": data,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


async def send(outgoing: Outgoing, target: WebhookTarget, *, now: datetime) -> Outcome:
    """One try. `now`: what the receiver is told as the moment of the try."""
    body, timestamp, begun_s = body_of(outgoing), int(now.timestamp()), time.monotonic()
    headers = {
        "content-type": "application/json",
        "webhook-id": outgoing.uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(
            secrets_of(target, now=now), uid=outgoing.uid, timestamp=timestamp, body=body
        ),
    }
    try:
        answer = await ask(
            "POST",
            target.url,
            headers=headers,
            body=body,
            max_bytes=0,  # a receiver that has said 200 has it, whatever else it says
            timeout_s=TIMEOUT_S,
            policy=Policy.PUBLIC,
        )
    except (ForbiddenAddress, BadAddress) as error:
        return Outcome(ok=False, error=str(error), permanent=True, body=body, duration_ms=_since(begun_s))
    except FetchError as error:
        return Outcome(ok=False, error=str(error), body=body, duration_ms=_since(begun_s))
    return outcome_of(answer, body, now=now)


def outcome_of(answer: Answer, body: bytes, *, now: datetime) -> Outcome:
    """Only 2xx is success; 410 = the receiver wants no more; a redirect is not followed and is a failure."""
    ok = 200 <= answer.status < 300
    asked = retry_after_s(answer.headers.get("retry-after", ""), now=now)
    return Outcome(
        ok=ok,
        http_status=answer.status,
        error="" if ok else _why(answer.status),
        retry_after_s=None if ok else asked,
        gone=answer.status == 410,
        body=body,
        duration_ms=answer.elapsed_ms,
    )


def _why(status: int) -> str:
    if status == 410:
        return "the receiver answered 410: it wants no more notices"
    if 300 <= status < 400:
        return f"the receiver answered {status}: redirects are not followed, give its final address"
    return f"the receiver answered {status}"


def _quoted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts, long texts of people cut."""
    data = dict(facts)
    if isinstance(update := data.get("update"), Mapping):
        data["update"] = {name: _cut(value) for name, value in update.items()}
    return data


def _cut(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MOST_QUOTED_CHARS:
        return value[: MOST_QUOTED_CHARS - 1] + "…"
    return value


def _key(secret: str) -> bytes:
    return b64decode(secret.removeprefix("whsec_"))


def _since(begun_s: float) -> float:
    return (time.monotonic() - begun_s) * 1000
