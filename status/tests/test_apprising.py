"""Notices through apprise, to a real address on loopback; its secrets stay where they are."""

import http.server
import json
import threading
import time
from typing import Any

import pytest

from status.sending import apprising, threads
from status.tests.outgoing_given import apprise_channel, outgoing
from testing.mail_server import mail_server
from testing.patience import PATIENCE_S


class _Json(http.server.BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.got.append((self.path, body))
        self.send_response(500 if "broken" in self.path else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def service():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Json)
    threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True).start()
    _Json.got.clear()
    yield f"json://user:s3cretpassword@127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


async def test_every_address_of_the_variable_is_told_in_the_channels_language(service: str, monkeypatch):
    monkeypatch.setenv("ALERT_URL_OPS", f"{service}/one, {service}/two")
    outcome = await apprising.send(outgoing(language="ko"), apprise_channel())
    assert (outcome.ok, outcome.error) == (True, "")
    assert [path for path, _body in _Json.got] == ["/one", "/two"]
    body = _Json.got[0][1]
    assert body["title"] == "중대: Nimbus Works Nimbus 1: 요청 실패 (서울, 도쿄)"
    assert "지역: 서울, 도쿄" in body["message"]
    assert "https://status.example.org/incidents/12/" in body["message"]
    assert body["type"] == "failure"


async def test_what_went_wrong_is_told_without_the_address(service: str, monkeypatch):
    monkeypatch.setenv("ALERT_URL_OPS", f"{service}/well,{service}/broken-t0kenvalue")
    outcome = await apprising.send(outgoing(), apprise_channel())
    assert not outcome.ok
    assert outcome.error.startswith("ALERT_URL_OPS, address 2 of 2:")
    assert "500" in outcome.error
    for secret in ("s3cretpassword", "t0kenvalue"):
        assert secret not in outcome.error


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, "ALERT_URL_OPS is not set"), ("nosuchthing://t0kenvalue", "apprise does not understand it")],
)
async def test_a_variable_that_cannot_be_used_is_named(value: str | None, said: str, monkeypatch):
    monkeypatch.delenv("ALERT_URL_OPS", raising=False)
    if value:
        monkeypatch.setenv("ALERT_URL_OPS", value)
    outcome = await apprising.send(outgoing(), apprise_channel())
    assert not outcome.ok
    assert said in outcome.error
    assert "t0kenvalue" not in outcome.error


async def test_no_other_variable_is_ever_read(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "json://127.0.0.1:9/")
    outcome = await apprising.send(outgoing(), apprise_channel("SECRET_KEY"))
    assert "no name of a variable that may be read" in outcome.error


async def test_operators_get_mail_by_apprise(monkeypatch):
    with mail_server() as server:
        url = f"mailto://{server.host}:{server.port}/?from=aigo@example.org&to=ops@example.org&mode=insecure"
        monkeypatch.setenv("ALERT_URL_OPS", url)
        outcome = await apprising.send(outgoing(kind="recovered"), apprise_channel())
    assert outcome.error == ""
    (letter,) = server.letters
    assert letter.recipients == ("ops@example.org",)
    assert letter.message["Subject"] == "Over: Nimbus Works Nimbus 1: Requests fail (Seoul, Tokyo)"


async def test_a_service_that_hangs_is_given_up(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(apprising, "LIMIT_S", 0.1)
    monkeypatch.setattr(apprising, "deliver", lambda url_env, told: str(over.wait(PATIENCE_S)))
    begun_s = time.monotonic()
    outcome = await apprising.send(outgoing(), apprise_channel())
    over.set()
    assert time.monotonic() - begun_s < PATIENCE_S
    assert "did not end within 0.1 s" in outcome.error


async def test_what_hangs_does_not_pile_up_without_end(monkeypatch):
    monkeypatch.setattr(threads, "MOST", 0)
    with pytest.raises(threads.Crowded):
        await threads.in_thread(lambda: None, limit_s=1)
