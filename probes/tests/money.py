"""Prices, paid answers and ledger lines for tests."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from catalog.models import Endpoint, Price, Provider
from probes.attempts import Attempt
from probes.models import LedgerEntry
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint

TODAY = date(2026, 11, 21)


def make_price(
    endpoint: Endpoint, given: str | None = "2", received: str | None = "8", **fields: Any
) -> Price:
    """An open standard row in USD per million tokens, read a day ago."""
    facts = {
        **{"valid_from": NOW - timedelta(days=1), "retrieved_at": NOW, "source_name": "models.dev"},
        **{"input_usd_per_mtok": given, "output_usd_per_mtok": received, "content_hash": "x"},
    }
    return Price.objects.create(endpoint=endpoint, **facts | fields)


def make_real(provider: str = "openreal", model: str = "real-1", **fields: Any) -> Endpoint:
    """A real endpoint whose key is REAL_API_KEY."""
    return make_endpoint(provider, model, simulated=False, key_env="REAL_API_KEY", **fields)


def make_paid(endpoint: Endpoint, count: int = 1, **fields: Any) -> list[Attempt]:
    """Stored answers of 1,000 tokens in and 250 out: 0.004 USD each at the price of `make_price`."""
    attempts = [
        make_attempt(endpoint, at=NOW - timedelta(seconds=n), input_tokens=1000, output_tokens=250, **fields)
        for n in range(count)
    ]
    store_attempts(attempts, now=NOW)
    return attempts


def spend(provider: Provider, usd: str, **fields: Any) -> LedgerEntry:
    """A ledger line of NOW's day, tier B, Seoul, 10 attempts."""
    facts = {"date": TODAY, "tier": "B", "region": "seoul", "attempts": 10, "cost_usd": Decimal(usd)}
    return LedgerEntry.objects.create(provider=provider, **facts | fields)
