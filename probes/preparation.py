"""From a spec to a request that can be sent: which protocol, which address, which key, which question.

Keys are read from the environment here, 0.2 s at most before they are sent, and nowhere else in the program.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from probes.addresses import Address, Source, is_this_machine, resolve_address
from probes.attempts import ProbeSpec
from probes.protocols import PROTOCOLS
from probes.protocols.description import ProtocolDescription
from probes.protocols.questions import Posed, Question, cap_for, pose
from probes.scrubbing import clean_texts
from probes.wire.errors import UnsendableError
from probes.wire.http import Server, destination_of, encode_request


class NotSendableError(Exception):
    """Ours, permanent until the operator acts: the attempt was not sent. outcome: `auth` or `bad_request`."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one attempt sends. expected: the answer must contain it (None = any text is right).

    guarded: the address comes from the catalogue and must not lie inside the hosting network.
    """

    description: ProtocolDescription
    base_url: str
    server: Server
    expected: str | None
    guarded: bool
    payload: bytes = field(repr=False)
    key: str = field(repr=False)


def prepare(spec: ProbeSpec, environ: Mapping[str, str]) -> Prepared:
    """NotSendableError: nothing may or can be sent; its text bears no key."""
    key = environ.get(spec.key_env, "").strip() if spec.key_env else ""
    try:
        return _prepare(spec, key, resolve_address(spec, environ))
    except (NotSendableError, UnsendableError) as exc:
        detail = clean_texts({"error_detail": str(exc)}, [key])["error_detail"]
        raise NotSendableError(exc.outcome, detail) from exc


def _prepare(spec: ProbeSpec, key: str, address: Address) -> Prepared:
    description = PROTOCOLS.get(spec.protocol)
    if description is None:
        known = ", ".join(PROTOCOLS)
        raise NotSendableError("bad_request", f"unknown protocol {spec.protocol!r}; known: {known}")
    if spec.key_env and not key:
        raise NotSendableError("auth", "key not set")
    posed = pose(spec.tier, spec.endpoint, spec.due_at, secrets.token_hex(4), spec.expected_answer)
    try:
        request = description.request(_question(spec, key, posed, address.base_url))
    except (KeyError, ValueError, TypeError, AttributeError) as exc:
        raise NotSendableError("bad_request", f"probe options: {type(exc).__name__} {exc}") from exc
    if not request.url.startswith(("http://", "https://")):
        raise NotSendableError("bad_request", f"base URL {request.url!r} is neither http nor https")
    destination = destination_of(request.url)
    private = destination.server.tls or is_this_machine(destination.server.host)
    if key and address.source is not Source.VARIABLE and not private:
        raise NotSendableError("bad_request", "no key over plain http: use https or <PROVIDER>_BASE_URL")
    return Prepared(
        description=description,
        base_url=address.base_url,
        server=destination.server,
        payload=encode_request(request, destination),
        expected=posed.expected,
        guarded=address.source is Source.CATALOGUE,
        key=key,
    )


def _question(spec: ProbeSpec, key: str, posed: Posed, base_url: str) -> Question:
    cap_tokens = cap_for(
        spec.tier, reasoning=spec.reasoning, expected_answer=posed.expected, options=spec.options
    )
    return Question(
        base_url=base_url,
        model=spec.provider_model_id,
        tier=spec.tier,
        prompt=posed.prompt,
        cap_tokens=cap_tokens,
        reasoning=spec.reasoning,
        key=key,
        options=spec.options,
    )
