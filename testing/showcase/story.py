"""What people and pages said in the showcase: incidents with their updates, official pages, work, money."""

import json
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.contrib.auth import get_user_model

from aigo.lib.regions import ALL
from aigo.lib.words import Words
from catalog.models import AMOUNT_FIELDS, DocRef, Endpoint, Price, RateLimit
from catalog.services import add_price, correct_price, note_tidings
from probes.models import LedgerEntry, Server, ServerSample
from probes.scraping.figures import Disk, Distribution, Figures, Gpu
from status.models import CountsSample, Incident, IncidentChange, IncidentEndpoint, OfficialPage
from status.selectors import load_stats
from status.services import post_update, publish_postmortem
from status.services.leads import match_official
from status.services.maintenance import Plan, plan_maintenance
from status.services.official import note_problem, note_reading, sync_pages
from status.services.slo import judge_slos
from testing.showcase import cast
from testing.showcase.cast import DAY, MINUTE, REGIONS
from testing.showcase.store import providers, watched

GIB: Final = 1024**3


class Story:
    """Told in one order, so that ids are the same in every store of a moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.endpoints = {endpoint.slug: endpoint for endpoint in watched()}
        self.providers = providers()
        self.editor = get_user_model().objects.create_superuser(
            "operator", "operator@example.org", "operator"
        )

    def tell_of_the_past(self) -> None:
        """What is over; before the last hour is played, so that numbers follow time."""
        self.past_prices()
        for trouble in reversed(cast.PAST):
            self.past(trouble)
        self.wide_incident()

    def tell(self) -> None:
        self.open_incidents()
        self.official_pages()
        self.maintenance()
        self.offers()
        self.money()
        self.servers()
        self.counts()
        judge_slos(now=self.now)

    def past(self, trouble: cast.Trouble) -> None:
        """An incident that is over, as the alerts wrote it then."""
        began = self.now - trouble.began_min * MINUTE
        ended = self.now - (trouble.ended_min or 0) * MINUTE
        members = [self.endpoints[slug] for slug in trouble.slugs]
        regions = sorted(trouble.regions or REGIONS)
        wide = len(members) > 1
        incident = Incident.objects.create(
            provider=members[0].provider, kind="provider" if wide else "endpoint",
            scope="regional" if trouble.regions else "global", severity=trouble.severity,
            cause=trouble.cause, started_at=began, detected_at=began + timedelta(seconds=64),
            announced_at=began + timedelta(seconds=65), state="closed", ended_at=ended, simulated=True,
            method_version="2026.11.2", regions=regions,
        )  # fmt: skip
        worst = "outage" if trouble.severity in ("major", "critical") else "degraded"
        said: dict[str, Any] = {
            "severity": trouble.severity,
            "scope": incident.scope,
            "slugs": list(trouble.slugs),
        }
        said |= {"regions": regions, "endpoint": "", "absorbed": None}
        for member in members:
            IncidentEndpoint.objects.create(
                incident=incident, endpoint=member, worst=worst, joined_at=incident.detected_at,
                left_at=ended, regions=dict.fromkeys(regions, trouble.cause),
            )  # fmt: skip
        for kind, state, cause, at in (
            ("open", "open", trouble.cause, incident.detected_at),
            ("close", "closed", "recovered", ended),
        ):
            IncidentChange.objects.create(
                incident=incident, at=at, kind=kind, data=said | {"cause": cause, "state": state},
                event_id="1-0", planned_at=at,
            )  # fmt: skip

    def wide_incident(self) -> None:
        """The provider-wide one that is over has its updates and a post-mortem."""
        row = Incident.objects.get(kind="provider", provider__slug="quillmarsh")
        assert row.ended_at
        note = Words(
            "The provider says that a certificate had expired.", "제공사는 인증서가 만료되었다고 밝혔습니다."
        )
        post_update(row, status="note", body=note, by=self.editor, now=row.ended_at + 20 * MINUTE)
        text = Words(
            "A certificate of the provider’s edge expired. All requests failed in the TLS handshake.\n\n"
            "We noticed after 64 seconds; the provider’s own page told of it 11 minutes later.",
            "제공사 엣지의 인증서가 만료되어 모든 요청이 TLS 핸드셰이크에서 실패했습니다.\n\n"
            "저희는 64초 뒤에 알아챘고, 제공사 페이지에는 11분 뒤에 올라왔습니다.",
        )
        publish_postmortem(row, text=text, by=self.editor, now=row.ended_at + 300 * MINUTE)

    def open_incidents(self) -> None:
        row = Incident.objects.ongoing().filter(provider__slug="lanternfell").order_by("pk").first()
        assert row
        for status, ago, en, ko in (
            ("investigating", 15, "Three of its models fail from every region. We have asked the provider.",
             "세 모델이 모든 리전에서 실패합니다. 제공사에 문의했습니다."),
            ("identified", 6, "The provider confirms a fault in its gateway.",
             "제공사가 게이트웨이 장애를 확인했습니다."),
        ):  # fmt: skip
            post_update(row, status=status, body=Words(en, ko), by=self.editor, now=self.now - ago * MINUTE)

    def official_pages(self) -> None:
        """One says what we see, later; one says that all is well while it is not; one cannot be read."""
        sync_pages(now=self.now - 6 * DAY)
        pages = {page.provider.slug: page for page in OfficialPage.objects.select_related("provider")}
        for slug in self.providers:
            note_reading(pages[slug], bodies=statuspage(slug, ()), now=self.now - 5 * DAY)
            note_reading(pages[slug], bodies=statuspage(slug, ()), now=self.now - 20 * MINUTE)
        said = [("Elevated errors on the API", self.now - 13 * MINUTE)]
        note_reading(pages["lanternfell"], bodies=statuspage("lanternfell", said), now=self.now - 12 * MINUTE)
        for slug in self.providers:
            told = said if slug == "lanternfell" else ()
            note_reading(pages[slug], bodies=statuspage(slug, told), now=self.now - MINUTE)
        note_problem(
            pages["cedarhollow"], problem="unreadable", detail="incidents: not a list", now=self.now - MINUTE
        )
        match_official(now=self.now)

    def maintenance(self) -> None:
        for title, slug, begins, lasts, rule in (
            (Words("Database upgrade", "데이터베이스 업그레이드"), "cedarhollow", 2 * 1440, 120, ""),
            (Words("Weekly restart", "주간 재시작"), "tarnwater-cloud", -20, 60, "FREQ=WEEKLY"),
        ):
            starts = self.now + begins * MINUTE
            plan = Plan(title, starts, starts + lasts * MINUTE, self.providers[slug], recurrence=rule)
            plan_maintenance(plan, by=self.editor, now=self.now - 30 * MINUTE)

    def offers(self) -> None:
        """Prices with a past, limits, documents and a date of retirement, each from a source."""
        for number, endpoint in enumerate(self.endpoints.values()):
            was = self.now - 400 * DAY
            RateLimit.objects.create(
                endpoint=endpoint, kind="requests", window="minute", limit=500 * (1 + number % 3),
                remaining=480, source="headers", region="seoul", first_seen_at=was, last_seen_at=self.now,
            )  # fmt: skip
        row = self.endpoints["cedarhollow--cone-a-light"]
        Endpoint.objects.filter(pk=row.pk).update(
            lifecycle="deprecated", deprecated_at=self.now - 40 * DAY, retires_at=self.now + 50 * DAY,
            dates_source_name="showcase", dates_source_url="https://notices.example/", dates_seen_at=self.now,
        )  # fmt: skip
        note_tidings(now=self.now)
        self.documents()

    def past_prices(self) -> None:
        """Each was another one before; one was read wrongly, one is to change."""
        for number, endpoint in enumerate(self.endpoints.values()):
            at, times = self.now - (30 + number) * DAY, 2 - number % 2 * Decimal("1.2")
            self.prices(endpoint, self.now - 400 * DAY, at, times=times)
        self.one_price_was_wrong()
        note_tidings(now=self.now - 4 * DAY)

    def prices(self, endpoint: Endpoint, was: datetime, at: datetime, *, times: Decimal) -> None:
        """What it costs by the fleet's list since `at`; before, `times` as much, and one is to change."""
        rows = list(endpoint.prices.all())
        Price.objects.filter(endpoint=endpoint).update(
            valid_from=at, retrieved_at=at, last_checked_at=self.now - 7 * MINUTE
        )
        for row in rows:
            old = {name: rate * times for name in AMOUNT_FIELDS if (rate := getattr(row, name)) is not None}
            facts = {"source_name": row.source_name, "source_url": row.source_url, "retrieved_at": was}
            add_price((endpoint.pk, row.tier, "all"), old, since=was, **facts)
            if endpoint.slug == "quillmarsh--quill-large-2" and row.tier == "standard":
                new = {name: amount / times * Decimal("0.8") for name, amount in old.items()}
                facts["retrieved_at"] = self.now - 2 * DAY
                add_price((endpoint.pk, row.tier, "all"), new, since=self.now + 12 * DAY, **facts)

    def one_price_was_wrong(self) -> None:
        """Somebody had read a wrong figure."""
        row = Price.objects.current().standard().get(endpoint__slug="bramblewick--thicket-3")
        amounts = {name: getattr(row, name) for name in AMOUNT_FIELDS}
        amounts["output_usd_per_mtok"] = Decimal("4.5")
        correct_price(
            row, amounts, reason="Output was read from the line of another model.",
            source_name="showcase", source_url="https://prices.example/", now=self.now - 5 * DAY,
        )  # fmt: skip

    def documents(self) -> None:
        for slug, provider in self.providers.items():
            for kind in ("docs", "changelog", "quickstart"):
                DocRef.objects.get_or_create(
                    provider=provider, kind=kind, defaults={"url": f"https://{slug}.example/{kind}"}
                )

    def money(self) -> None:
        for provider in self.providers.values():
            for ago in range(45):
                for tier, usd in (("B", "0.0132"), ("C", "0.2114")):
                    LedgerEntry.objects.update_or_create(
                        provider=provider, date=(self.now - ago * DAY).date(), tier=tier, region="seoul",
                        defaults={"attempts": 1440, "input_tokens": 44_640, "output_tokens": 12_960,
                                  "cost_usd": Decimal(usd) * (1 + provider.pk % 3)},
                    )  # fmt: skip

    def servers(self) -> None:
        """A machine that reports, and one that has been silent for an hour."""
        for name, host, ago in (("GPU 1", "gpu-1", 0), ("GPU 2", "gpu-2", 70)):
            seen = self.now - ago * MINUTE
            for kind, figures in (("node", node()), ("dcgm", dcgm()), ("vllm", vllm())):
                server = Server.objects.create(
                    slug=f"{host}-{kind}", name=f"{name} {kind}", host=host, kind=kind,
                    metrics_url=f"http://{host}:9100/{kind}", last_tried_at=self.now, last_seen_at=seen,
                    problem="timeout" if ago else "", error="no answer within 5 s" if ago else "",
                    failures=ago,
                )  # fmt: skip
                ServerSample.objects.create(server=server, at=seen, figures=figures.to_json())

    def counts(self) -> None:
        """What the board counted: each minute of the last day, then every quarter of an hour of 90 days.

        Drawn, but for the last: nobody kept the states of then. The sums hold as they must.
        """
        stats = load_stats(now=self.now)
        last = int(self.now.timestamp()) // 60
        rows: list[CountsSample] = []
        for region, counts in {ALL: stats.counts, **stats.by_region}.items():
            for ago in _minutes_ago(every_region=region != ALL):
                if not all(gap.holds(where, ago) for gap in cast.GAPS[1:2] for where in (gap.region,)):
                    rows.append(_sample(region, last - ago, ago, counts))
        CountsSample.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


def _minutes_ago(*, every_region: bool) -> Iterable[int]:
    yield from range(0, 1440, 5 if every_region else 1)
    yield from range(1440, 90 * 1440, 120 if every_region else 15)


def _sample(region: str, minute: int, ago: int, counts: Any) -> CountsSample:
    if ago == 0:
        figures = {name: getattr(counts, name) for name in ("operational", "degraded", "outage", "unknown")}
    else:
        wave = math.sin(minute / 97) + math.sin(minute / 431)
        outage = (
            4 if cast.PAST[2].began_min >= ago >= (cast.PAST[2].ended_min or 0) else max(0, round(wave - 1))
        )
        degraded = max(0, round(1.4 + wave))
        unknown = 1
        figures = {"outage": outage, "degraded": degraded, "unknown": unknown}
        figures["operational"] = counts.total - sum(figures.values())
    active = figures["operational"] + figures["degraded"] + figures["outage"]
    return CountsSample(
        region=region, minute=minute, total=counts.total, active=active, simulated=counts.simulated,
        not_measured=counts.not_measured, catalogue_models=counts.catalogue_models, **figures,
    )  # fmt: skip


def statuspage(slug: str, told: Sequence[tuple[str, datetime]]) -> dict[str, bytes]:
    """What a page in Atlassian Statuspage's form answers."""
    rows = [
        {
            "id": f"{slug}-{n}", "name": title, "status": "investigating", "impact": "major",
            "created_at": at.isoformat(), "started_at": at.isoformat(), "updated_at": at.isoformat(),
            "resolved_at": None, "shortlink": f"https://{slug}.example/i/{n}", "components": [],
            "incident_updates": [
                {"id": f"{slug}-{n}-u", "status": "investigating", "created_at": at.isoformat(),
                 "display_at": at.isoformat(), "body": "We are investigating.", "affected_components": []}
            ],
        }
        for n, (title, at) in enumerate(told)
    ]  # fmt: skip
    indicator = "major" if told else "none"
    page = {"page": {"id": slug, "name": slug, "url": f"https://{slug}.example"}}
    parts = [{"id": f"{slug}-api", "name": "API", "status": "major_outage" if told else "operational"}]
    summary = {**page, "status": {"indicator": indicator, "description": ""}, "components": parts}
    summary |= {"incidents": rows, "scheduled_maintenances": []}
    return {
        "summary": json.dumps(summary).encode(),
        "incidents": json.dumps({**page, "incidents": rows}).encode(),
        "maintenances": json.dumps({**page, "scheduled_maintenances": []}).encode(),
    }


def node() -> Figures:
    return Figures(
        cpu_pct=37.0, cpus=16, load1=5.1, memory_used_bytes=48.0 * GIB, memory_total_bytes=128.0 * GIB,
        disks=(Disk("/", 60.0 * GIB, 40.0 * GIB),), network_in_bytes_per_s=2.1e6,
        network_out_bytes_per_s=11e6, rate_window_s=60.0,
    )  # fmt: skip


def dcgm() -> Figures:
    gpu = {"memory_used_bytes": 72.0 * GIB, "memory_total_bytes": 80.0 * GIB, "power_w": 512.0, "xid": 0}
    names = (("GPU-0", 97.0, 61.0), ("GPU-1", 88.0, 58.0))
    return Figures(
        gpus=tuple(
            Gpu(name, "NVIDIA H100 80GB HBM3", util_pct=used, temperature_c=heat, **gpu)  # type: ignore[arg-type]
            for name, used, heat in names
        )
    )


def vllm() -> Figures:
    return Figures(
        requests_per_min=120.0, running=14.0, queue=3.0, tokens_per_s=600.0, kv_cache_pct=41.0,
        ttft=Distribution(100.0, 500.0, 120), tpot=Distribution(20.0, 31.0, 120),
        duration=Distribution(900.0, 2100.0, 120), rate_window_s=60.0, quantile_window_s=300.0,
    )  # fmt: skip
