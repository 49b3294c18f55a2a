"""What every answer carries, and that nothing secret leaves."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail

from aigo.lib.events import RedisLog
from aigo.lib.throttles import OpenAnonRateThrottle

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def test_pages_allow_no_inline_script_but_the_import_map(client):
    answer = client.get("/")
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert re.fullmatch(r"'self' 'sha256-[\w+/]+='", policy["script-src"])
    assert policy["frame-ancestors"] == "'none'"
    html = answer.content.decode()
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html)
    # The second is data for search engines, which no browser runs.
    assert inline == ['<script type="importmap">', '<script type="application/ld+json">']
    assert not re.search(r"\son\w+=|style=", html)


def test_answers_are_not_framed_nor_sniffed(client):
    answer = client.get("/")
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_whoever_signs_up_confirms_the_address_and_is_a_reader(client):
    form = {"email": "new@example.org", "password1": "plum-tree-91", "password2": "plum-tree-91"}
    assert client.post("/accounts/signup/", form).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert [group.name for group in user.groups.all()] == ["Reader"]
    assert not user.is_staff
    (letter,) = mail.outbox
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", str(letter.body))
    assert link
    assert client.post(link.group(1)).status_code == 302


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/api/v1/status", "/api/v1/stats", "/healthz", "/nothing"]
)
def test_a_planted_secret_never_leaves(client, settings, path):
    client.raise_request_exception = False
    assert settings.SECRET_KEY not in client.get(path).content.decode()


def test_an_account_made_on_the_command_line_can_sign_in_and_guesses_are_throttled(client):
    User.objects.create_superuser("op", "op@example.org", "plum-tree-91")
    assert client.get("/admin/login/").status_code == 302
    form = {"login": "op@example.org", "password": "plum-tree-91"}
    assert client.post("/accounts/login/?next=/admin/", form)["Location"] == "/admin/"
    client.post("/accounts/logout/")
    answers = [client.post("/accounts/login/", form | {"password": "wrong"}).content for _ in range(12)]
    assert b"Too many failed login attempts" in answers[-1]


def test_pages_and_api_answer_while_redis_is_away(client, settings, monkeypatch):
    away = RedisLog("redis://127.0.0.1:1/0", 100)
    monkeypatch.setattr("aigo.lib.changes.event_log", lambda: away)
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/status").json()["event_id"] == ""


def test_a_forged_address_does_not_escape_the_limit(client, monkeypatch, one_moment):
    monkeypatch.setattr(OpenAnonRateThrottle, "get_rate", lambda self: "3/min")
    codes = [
        client.get("/api/v1/stats", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code
        for n in range(5)
    ]
    assert codes == [200, 200, 200, 429, 429]


def test_who_asks_for_an_icon_unasked_gets_the_mark(client):
    answer = client.get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].endswith(".svg")
