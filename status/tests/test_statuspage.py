"""What is known here in Statuspage's words: no state is claimed that is not known."""

from datetime import timedelta
from typing import Any

import pytest

from aigo.lib.words import Words
from probes.tests.factories import NOW
from status.board import BoardRow
from status.chronicle import Entry, IncidentStory
from status.incidents import UpdateLine
from status.maintenance import MaintenanceLine
from status.rules import State
from status.statuspage import Page

SITE = "https://status.example"


def page(*rows: BoardRow, open: tuple = (), recent: tuple = (), maintenance: tuple = ()) -> Page:
    return Page(SITE, rows, open, recent or open, maintenance, NOW)


def row(slug: str = "a--x", state: State = State.OPERATIONAL, **fields: Any) -> BoardRow:
    provider = slug.partition("--")[0]
    facts: dict[str, Any] = {
        "slug": slug, "name": "X", "model_slug": "x", "provider": provider.title(), "foundation": "X",
        "provider_slug": provider, "functions": (), "reasoning": False, "region": "all", "state": state,
        "reason": "within_limits", "since": NOW, "samples": 43, "window_s": 300, "last_sample_at": NOW,
        "tier": "B", "method_version": "test", "simulated": False, "measured": True, "key_env": "",
    }  # fmt: skip
    figures = ("availability_pct", "p50_ms", "p95_ms", "ttft_p50_ms", "error_rate_pct")
    return BoardRow(**facts | dict.fromkeys(figures) | fields)


def story(**fields: Any) -> IncidentStory:
    facts: dict[str, Any] = {
        "id": 7, "title": Words("Nimbus: Requests fail", "Nimbus: 요청 실패"), "title_by_hand": Words(),
        "provider": "Nimbus", "provider_slug": "nimbus", "kind": "endpoint", "scope": "global",
        "severity": "major", "severity_measured": "major", "state": "open", "stage": "investigating",
        "cause": "latency", "started_at": NOW, "detected_at": NOW, "announced_at": NOW, "ended_at": None,
        "updated_at": NOW, "regions": ("seoul",), "affected": (), "simulated": False,
        "method_version": "test", "timeline": (),
    }  # fmt: skip
    return IncidentStory(**facts | fields)


def maintenance(state: str, *, regions=(), slugs=("a--x",)) -> MaintenanceLine:
    return MaintenanceLine(
        id=3, title=Words("Upgrade"), state=state, start=NOW, end=NOW + timedelta(hours=1), provider="A",
        provider_slug="a", slugs=slugs, regions=regions, recurs=False, created_at=NOW, changed_at=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reason", "status", "indicator"),
    [
        (State.OPERATIONAL, "within_limits", "operational", "none"),
        (State.DEGRADED, "latency", "degraded_performance", "minor"),
        (State.DEGRADED, "regional", "partial_outage", "minor"),
        (State.OUTAGE, "confirmed_failures", "major_outage", "major"),
    ],
)
def test_a_state_has_one_word_and_the_page_the_worst(state, reason, status, indicator):
    told = page(row(), row("b--y", state, reason=reason))
    _group_a, _a, group_b, b = told.components()
    assert (group_b["status"], b["status"], b["group_id"]) == (status, status, "b")
    assert told.status()["indicator"] == indicator


def test_what_is_unknown_is_not_listed_and_counted_in_words():
    told = page(row(), row("a--y", State.UNKNOWN), row("c--z", State.UNKNOWN))
    assert [component["id"] for component in told.components()] == ["a", "a--x"]
    assert told.status() == {
        "indicator": "none",
        "description": "All Measured Systems Operational (1 measured, 2 not measured and not listed)",
    }


def test_an_open_incident_outweighs_what_components_say():
    told = page(row(), open=(story(severity="critical"),))
    assert told.status() == {"indicator": "critical", "description": "Major Service Outage (1 measured)"}
    assert page(row(), open=(story(severity="info"),)).status()["indicator"] == "none"


def test_updates_follow_people_and_only_measurements_resolve():
    def said(minute: int, kind: str, **update) -> Entry:
        line = UpdateLine(minute, NOW, kind, Words(kind), **update)
        return Entry(NOW + timedelta(minutes=minute), "people", kind, line.body, update=line)

    def measured(minute: int, kind: str) -> Entry:
        return Entry(NOW + timedelta(minutes=minute), "measured", kind, Words(kind))

    timeline = (
        measured(0, "open"), said(1, "identified", corrected_by=2), said(2, "monitoring", corrects=1),
        said(3, "resolved"), said(4, "note"), measured(5, "close"), said(6, "identified"),
    )  # fmt: skip
    (incident,) = page(row()).incidents([story(timeline=timeline, ended_at=NOW, simulated=True)])
    assert [update["status"] for update in reversed(incident["incident_updates"])] == [
        "investigating", "monitoring", "monitoring", "monitoring", "resolved", "resolved",
    ]  # fmt: skip
    assert len({update["id"] for update in incident["incident_updates"]}) == 6
    assert incident["monitoring_at"] == "2026-11-21T12:02:00Z"
    assert incident["name"] == "[Simulated] Nimbus: Requests fail"
    assert incident["shortlink"] == "https://status.example/incidents/7/"


def test_maintenance_is_a_state_of_its_own_where_it_covers_all_regions():
    everywhere = page(row(state=State.OUTAGE), maintenance=(maintenance("in_progress"),))
    assert everywhere.components()[1]["status"] == "under_maintenance"
    assert everywhere.status()["indicator"] == "none"
    partly = page(row(state=State.OUTAGE), maintenance=(maintenance("in_progress", regions=("seoul",)),))
    assert partly.components()[1]["status"] == "major_outage"
    (told,) = partly.maintenances("in_progress")
    assert (told["impact"], told["status"], told["scheduled_until"]) == (
        "maintenance", "in_progress", "2026-11-21T13:00:00Z",
    )  # fmt: skip
    assert [component["id"] for component in told["components"]] == ["a--x"]
    assert page(row(), maintenance=(maintenance("cancelled"),)).maintenances("scheduled", "completed") == []
