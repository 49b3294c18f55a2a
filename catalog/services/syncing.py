"""Asking for the providers' model lists, and taking in what comes back.

    TooSoon    the operator's: the provider was asked a moment ago

Keys are where the POPs stand, so a POP fetches: `claim_syncs` says what to ask where, `take_listing` takes
the answer. A provider is asked at most once in five minutes; one that fails, ever more rarely.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction

from catalog.adapters.curation import Curation, read_curation
from catalog.models import Provider, ProviderSync
from catalog.services.proposals import GONE_AFTER, SyncReport, propose_changes, see_again
from catalog.signals import sync_wanted
from catalog.stated import read_stated

#: How often a provider is asked. The timetable's tick comes a moment early or late, hence the slack.
EVERY = dt.timedelta(minutes=5)
SLACK = dt.timedelta(seconds=20)
MAX_BACK_OFF = dt.timedelta(hours=6)
#: A list that never changes is still compared this often: the catalogue may have changed meanwhile.
COMPARE_EVERY = dt.timedelta(hours=1)
#: Between two askings by hand.
BY_HAND_EVERY = dt.timedelta(minutes=1)
#: The probe options that a request for the list needs, too.
_LISTING_OPTIONS = ("auth", "extra_headers")


class TooSoon(Exception):
    """The provider was asked less than a minute ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueSync:
    """One list to ask for; `probes.listings.ListingOrder` has the same fields.

    etag, content_hash: of the last list, "" where the whole list is wanted whether it changed or not.
    """

    provider: str
    region: str
    protocol: str
    base_url: str
    key_env: str
    base_url_env: str
    options: dict[str, Any] = field(default_factory=dict)
    etag: str = ""
    content_hash: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@transaction.atomic
def claim_syncs(*, held: Mapping[str, frozenset[str]], now: dt.datetime) -> list[DueSync]:
    """The lists to ask for now; whoever asks first gets each, the next one may after `EVERY`.

    held: the names of key and address variables that the POPs of a region hold, by region (only POPs that
    really stand there). A provider is asked from one region, the same as long as that has the key.
    """
    curation = read_curation()
    locked = ProviderSync.objects.select_for_update()
    due: list[DueSync] = []
    for provider in Provider.objects.filter(simulated=False).exclude(protocol="").exclude(base_url=""):
        regions = [region for region, names in held.items() if _can_ask(provider, names)]
        if not regions:
            continue
        sync, _created = locked.get_or_create(provider=provider)
        if sync.next_try_at is None or sync.next_try_at <= now:
            sync.region = sync.region if sync.region in regions else min(regions)
            sync.last_tried_at, sync.next_try_at = now, now + EVERY - SLACK
            sync.save(update_fields=["region", "last_tried_at", "next_try_at"])
            due.append(_order(provider, sync, curation, now))
    return due


def _can_ask(provider: Provider, names: frozenset[str]) -> bool:
    """With a key of its own, or, where none is needed, at an address that an operator gave."""
    if "${" in provider.base_url and provider.base_url_env not in names:
        return False
    needed = provider.key_env or provider.base_url_env
    return bool(needed) and needed in names


def _order(provider: Provider, sync: ProviderSync, curation: Curation, now: dt.datetime) -> DueSync:
    facts = curation.providers.get(provider.slug)
    options = facts.probe_options.get(provider.protocol, {}) if facts else {}
    compared = sync.compared_at is not None and sync.compared_at > now - COMPARE_EVERY
    confirming = any(times < GONE_AFTER for times in sync.missing.values())
    conditional = compared and sync.complete and not confirming
    return DueSync(
        provider=provider.slug,
        region=sync.region,
        protocol=provider.protocol,
        base_url=provider.base_url,
        key_env=provider.key_env,
        base_url_env=provider.base_url_env,
        options={name: options[name] for name in _LISTING_OPTIONS if name in options},
        etag=sync.etag if conditional else "",
        content_hash=sync.content_hash if conditional else "",
    )


@transaction.atomic
def take_listing(result: Mapping[str, Any], *, now: dt.datetime) -> SyncReport | None:
    """Take in what a POP says of a list, as `probes.listings.ListingResult` has it.

    `region` must be the one that signed it. None: nobody asked that region for this provider's list, the
    answer is older than one that was taken in already, or it failed; the provider's `ProviderSync` says why.
    KeyError, TypeError, ValueError: it is no such result.
    """
    found = ProviderSync.objects.select_for_update(of=("self",)).select_related("provider")
    sync = found.filter(provider__slug=str(result["provider"]), region=str(result["region"])).first()
    heard_at = min(dt.datetime.fromtimestamp(float(result["fetched_at"]), dt.UTC), now)
    if sync is None or (sync.heard_at is not None and heard_at <= sync.heard_at):
        return None
    sync.heard_at = heard_at
    models, unusable = read_stated(result.get("models") or ())
    status = result["status"]
    empty = status == "listed" and not models
    if empty or status not in ("listed", "unchanged"):
        _note_failure(sync, {"error": "the list is empty"} if empty else result, now)
        return None
    sync.last_ok_at, sync.error, sync.failures = heard_at, "", 0
    if status == "unchanged":
        sync.save()
        return SyncReport(models=sync.model_count or 0, seen_again=see_again(sync.provider, seen_at=heard_at))
    _note_list(sync, result, complete=bool(result.get("complete")) and not unusable, count=len(models))
    return propose_changes(
        sync.provider.slug,
        models,
        seen_at=heard_at,
        source_url=sync.source_url,
        now=now,
        complete=sync.complete,
        content_hash=sync.content_hash,
    )


def _note_list(sync: ProviderSync, result: Mapping[str, Any], *, complete: bool, count: int) -> None:
    sync.complete, sync.model_count, sync.compared_at = complete, count, sync.heard_at
    sync.source_url = str(result.get("source_url", ""))[:300]
    sync.content_hash = str(result.get("content_hash", ""))[:64]
    etag = str(result.get("etag", ""))
    sync.etag = etag if len(etag) <= 200 else ""
    sync.save()


def _note_failure(sync: ProviderSync, result: Mapping[str, Any], now: dt.datetime) -> None:
    """Ask again after five minutes, then twice as long each time; never before the provider says."""
    sync.error = str(result.get("error") or "failed without a reason")[:300]
    sync.failures += 1
    wait = min(EVERY * 2 ** min(sync.failures - 1, 10), MAX_BACK_OFF)
    told_s = min(float(result.get("retry_after_s") or 0), MAX_BACK_OFF.total_seconds())
    sync.next_try_at = now + max(wait - SLACK, dt.timedelta(seconds=told_s))
    sync.save()


def request_sync(provider: Provider, *, by: Any, now: dt.datetime) -> None:
    """Have the provider's whole list read as soon as a POP takes the order; TooSoon within a minute."""
    with transaction.atomic():
        sync, _created = ProviderSync.objects.select_for_update().get_or_create(provider=provider)
        if sync.last_tried_at is not None and sync.last_tried_at > now - BY_HAND_EVERY:
            raise TooSoon(f"{provider.name} was asked less than a minute ago.")
        sync.next_try_at = sync.compared_at = None
        sync.save(update_fields=["next_try_at", "compared_at"])
        LogEntry.objects.log_actions(by.pk, [provider], CHANGE, "sync asked for by hand", single_object=True)
        transaction.on_commit(lambda: sync_wanted.send(sender=ProviderSync))
