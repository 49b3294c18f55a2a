"""From a provider's own model list to proposals, through the tasks as they are wired."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.conf import settings
from django.utils import timezone

from aigo.lib.signing import Delivery
from catalog.models import CatalogChange, ProviderSync
from catalog.signals import sync_wanted
from probes import tasks
from probes.models import DeadLetter
from probes.tests.factories import make_endpoint, make_pop

pytestmark = pytest.mark.django_db


class ModelList(BaseHTTPRequestHandler):
    """A provider that lists one model which the catalogue does not know."""

    def do_GET(self) -> None:
        body = json.dumps({"data": [{"id": "brand-new-1", "object": "model"}]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def provider(monkeypatch):
    """A real provider whose list stands on this machine, and a POP that holds its key."""
    server = HTTPServer(("127.0.0.1", 0), ModelList)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("OPENREAL_API_KEY", "a-key-of-this-test")
    monkeypatch.setenv("OPENREAL_BASE_URL", f"http://127.0.0.1:{server.server_port}/v1")
    endpoint = make_endpoint(
        provider="openreal",
        model="real-1",
        simulated=False,
        key_env="OPENREAL_API_KEY",
        base_url="https://api.example.org/v1",
        base_url_env="OPENREAL_BASE_URL",
    )
    provider = endpoint.provider
    provider.key_env, provider.base_url_env = "OPENREAL_API_KEY", "OPENREAL_BASE_URL"
    provider.protocol, provider.base_url = endpoint.protocol, endpoint.base_url
    provider.save()
    keys = ["OPENREAL_API_KEY", "OPENREAL_BASE_URL"]
    make_pop("seoul", real=True, keys=keys, now=timezone.now())
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture
def at_once(monkeypatch):
    """Every task runs in the caller, as one process does it; the listing's thread as well."""
    for name in ("read_listing", "take_listing", "sync_listings"):
        task = getattr(tasks, name)
        monkeypatch.setattr(task, "apply_async", lambda args=(), task=task, **options: task(*args))

    class Now:
        def submit(self, work, *args):
            work(*args)

    monkeypatch.setattr(tasks, "_listings", Now)


def test_a_providers_own_list_becomes_proposals(provider, at_once):
    tasks.sync_listings()
    assert ProviderSync.objects.get().error == ""
    assert list(CatalogChange.objects.values_list("kind", "provider_model_id", "state")) == [
        ("new_model", "brand-new-1", "proposed")
    ]


def test_a_list_is_read_once_in_its_interval(provider, at_once):
    tasks.sync_listings()
    first = ProviderSync.objects.get().heard_at
    tasks.sync_listings()
    assert ProviderSync.objects.get().heard_at == first


def test_an_operators_wish_is_sent_at_once(provider, at_once, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.sync_listings, "delay", lambda: asked.append(True))
    sync_wanted.send(sender=None)
    assert asked == [True]


def test_a_region_without_the_key_is_not_asked(at_once):
    make_pop("seoul", real=True, keys=[], now=timezone.now())
    tasks.sync_listings()
    assert not ProviderSync.objects.filter(heard_at__isnull=False).exists()


def test_what_is_no_list_is_a_dead_letter(provider):
    key = settings.POP_HMAC_KEYS["seoul"]
    message = Delivery.make("listing", "seoul", "seoul-1", {"provider": "openreal"}, key=key).to_json()
    tasks.take_listing(message)
    assert "no model list" in DeadLetter.objects.get().reason
