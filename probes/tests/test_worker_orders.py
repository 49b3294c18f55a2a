"""What a worker obeys: orders that bear its region's signature, and no others. It has no database."""

import pytest
from django.conf import settings

from aigo.lib.signing import Delivery
from probes import tasks
from probes.tests.making import make_spec

SPECS = [make_spec(base_url="https://evil.example/v1", key_env="OPENAI_API_KEY").to_json()]


@pytest.fixture
def obeyed(monkeypatch):
    """The batches that reached the engine."""
    batches = []

    class Engine:
        def submit(self, specs, emit):
            batches.append(specs)
            return self

        def add_done_callback(self, callback):
            """Nobody waits."""

    monkeypatch.setattr(tasks, "_engine", Engine)
    return batches


def order(*, kind="batch", region="seoul", key=None) -> dict[str, str]:
    key = settings.POP_HMAC_KEYS["seoul"] if key is None else key
    return Delivery.make(kind, region, "centre", SPECS, key=key).to_json()


def test_an_order_of_the_centre_is_obeyed(obeyed):
    tasks.run_batch(order())
    assert [spec.endpoint for specs in obeyed for spec in specs] == ["somebody--some-model"]


@pytest.mark.parametrize(
    "message",
    [
        order(key="a-key-that-somebody-made-up"),
        order(kind="list"),
        order(region="tokyo"),
        {**order(), "body": "[]"},
        {},
        None,
        SPECS,
    ],
    ids=["another's key", "another kind", "another region", "another body", "empty", "nothing", "unsigned"],
)
def test_whoever_knows_the_brokers_password_alone_orders_nothing(obeyed, message, caplog):
    tasks.run_batch(message)
    assert obeyed == []
    assert "not obeyed" in caplog.text


def test_a_worker_with_a_key_of_its_own_believes_only_that(obeyed, monkeypatch):
    monkeypatch.setattr(settings, "POP_HMAC_KEY", "the-own-key-of-this-worker")
    tasks.run_batch(order())
    tasks.run_batch(order(key="the-own-key-of-this-worker"))
    assert len(obeyed) == 1
