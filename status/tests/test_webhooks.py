"""Webhooks by Standard Webhooks: what receivers verify, and what their answers mean."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Network
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from aigo.lib.fetch import Answer
from status.models import AlertChannel
from status.sending import webhooks
from status.tests.outgoing_given import NOW, outgoing, webhook

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


def headers(secrets: list[str], body: bytes, *, uid: str = "msg_1") -> dict[str, str]:
    at = int(timezone.now().timestamp())
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(at),
        "webhook-signature": webhooks.signature(secrets, uid=uid, timestamp=at, body=body),
    }


def test_receivers_verify_what_is_signed_and_nothing_else():
    secret, other = webhooks.secret_of("ops", 1), webhooks.secret_of("ops", 2)
    body = '{"type":"incident.opened","data":{"title":"장애"}}'.encode()
    sent = headers([secret], body)
    assert Webhook(secret).verify(body, sent)["type"] == "incident.opened"
    for wrong_body, wrong_headers in ((body + b" ", sent), (body, sent | {"webhook-id": "msg_2"})):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(wrong_body, wrong_headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(body, sent)


def test_a_secret_is_its_channels_and_its_versions_own():
    secrets = {webhooks.secret_of(slug, version) for slug in ("ops", "chat") for version in (1, 2)}
    assert len(secrets) == 4
    assert all(secret.startswith("whsec_") and len(secret) == 6 + 44 for secret in secrets)


def test_for_a_day_after_a_rotation_both_secrets_verify():
    rotated = webhook(secret_version=2, rotated_at=NOW)
    new, former = webhooks.secret_of("ops", 2), webhooks.secret_of("ops", 1)
    assert webhooks.secrets_of(rotated, now=NOW + timedelta(hours=23, minutes=59)) == [new, former]
    assert webhooks.secrets_of(rotated, now=NOW + timedelta(hours=24)) == [new]
    assert webhooks.secrets_of(webhook(rotated_at=NOW), now=NOW) == [former]
    sent = headers([new, former], b"{}")
    for secret in (new, former):
        assert Webhook(secret).verify(b"{}", sent) == {}


def test_a_body_says_type_moment_and_facts_and_stays_below_20_kb():
    long = {
        "at": "2026-11-21T12:00:00+00:00",
        "status": "note",
        "body_en": "x" * 5_000,
        "body_ko": "가" * 5_000,
    }
    many = [{"slug": f"nimbus--nimbus-{n}", "name": f"Nimbus {n}"} for n in range(50)]
    sent = outgoing(webhook(), facts={"update": long, "endpoints": many, "endpoints_total": 84})
    body = webhooks.body_of(sent)
    assert len(body) < 20_000
    content = json.loads(body)
    assert (content["type"], content["timestamp"]) == ("incident.opened", "2026-11-21T12:00:00Z")
    assert content["data"]["title"] == "Major: Nimbus Works: Requests fail (Seoul, Tokyo)"
    assert content["data"]["incident"] == 12
    assert "Nimbus 0, Nimbus 1" in content["data"]["text"]
    assert "and 76 more" in content["data"]["text"]
    assert webhooks.body_of(replace(sent, body=b"as it was")) == b"as it was"


@pytest.mark.parametrize(
    ("status", "ok", "gone"),
    [(200, True, False), (204, True, False), (302, False, False), (410, False, True), (500, False, False)],
)
def test_only_2xx_is_success_and_only_410_is_the_end(status: int, ok: bool, gone: bool):
    outcome = webhooks.outcome_of(Answer(status, {}, b"", "", 12.0), b"{}", now=NOW)
    assert (outcome.ok, outcome.gone, outcome.permanent, outcome.http_status) == (ok, gone, False, status)
    assert outcome.body == b"{}"
    assert bool(outcome.error) is not ok


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("Sat, 21 Nov 2026 12:05:00 GMT", 300.0),
        ("Sat, 21 Nov 2026 11:05:00 GMT", 0.0),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_a_receiver_asks_to_be_left_alone(header: str, seconds: float | None):
    answer = Answer(503, {"retry-after": header}, b"", "", 1.0)
    assert webhooks.outcome_of(answer, b"", now=NOW).retry_after_s == seconds


class Receiver(HTTPServer):
    """Keeps what it is sent and answers by the path: /410 with 410, /moved with a redirect to itself,
    /long with a body that it does not end."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append(
            (self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        )
        status = {"/moved": 307, "/410": 410}.get(self.path, 200)
        self.send_response(status)
        if status == 307:
            self.send_header("Location", f"{self.server.url}/elsewhere")
        self.send_header("Content-Length", "1000000000" if self.path == "/long" else "0")
        self.end_headers()
        if self.path == "/long":
            with suppress(OSError):
                self.wfile.write(b"x" * 100_000)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


async def test_a_real_receiver_gets_what_it_can_verify(receiver: Receiver, settings):
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    sent = outgoing(target := webhook(receiver.url + "/hook"), language="ko")
    outcome = await webhooks.send(sent, target, now=timezone.now())
    assert (outcome.ok, outcome.http_status) == (True, 200)
    ((_path, got, body),) = receiver.got
    assert body == outcome.body
    assert Webhook(webhooks.secret_of("ops", 1)).verify(body, got)["data"]["title"].startswith("중대: Nimbus")
    assert got["webhook-id"] == sent.uid
    assert got["content-type"] == "application/json"
    assert got["user-agent"].startswith("AI-GO")


async def test_who_says_200_has_it_whatever_else_it_says(receiver: Receiver, settings):
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    long = webhook(receiver.url + "/long")
    outcome = await webhooks.send(outgoing(long), long, now=timezone.now())
    assert (outcome.ok, outcome.http_status, outcome.error) == (True, 200, "")


async def test_a_redirect_is_not_followed(receiver: Receiver, settings):
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK
    moved = webhook(receiver.url + "/moved")
    outcome = await webhooks.send(outgoing(moved), moved, now=timezone.now())
    assert (outcome.ok, outcome.http_status, len(receiver.got)) == (False, 307, 1)
    assert "not followed" in outcome.error


async def test_an_address_inside_is_refused_for_good(receiver: Receiver):
    inside = webhook(receiver.url + "/hook")
    outcome = await webhooks.send(outgoing(inside), inside, now=timezone.now())
    assert (outcome.ok, outcome.permanent, receiver.got) == (False, True, [])


def test_the_command_prints_what_receivers_need(db, capsys):
    AlertChannel.objects.create(
        slug="ops", name="Ops", kind="webhook", url="https://hooks.example.org/", secret_version=2,
        rotated_at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    call_command("webhook_secret", "ops")
    assert capsys.readouterr().out.split() == [webhooks.secret_of("ops", 2), webhooks.secret_of("ops", 1)]
    with pytest.raises(CommandError, match=r"channel='op' is no webhook channel. Known: ops"):
        call_command("webhook_secret", "op")
