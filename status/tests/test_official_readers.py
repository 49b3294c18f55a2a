"""What is read from each form of official status pages, and what is said of answers in none of them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from status.adapters.reading import Asked, PageReading, Unreadable
from status.adapters.shape import Shape, parse
from status.adapters.statuspage import INCIDENTS, SUMMARY
from status.adapters.table import FORMS, read_page, sources_of
from status.adapters.words import plain

GIVEN = Path(__file__).parent / "official"
HTML = b"<!DOCTYPE html><html><head><title>Just a moment...</title>"


def body(name: str) -> bytes:
    return (GIVEN / name).read_bytes()


#: kind → the bodies of one page of it.
PAGES = {
    "statuspage": {SUMMARY: body("statuspage-summary.json"), INCIDENTS: body("statuspage-incidents.json")},
    "incident.io": {
        SUMMARY: body("incident-io-summary.json"),
        INCIDENTS: body("incident-io-incidents.json"),
    },
    "google": {"incidents.json": body("google-incidents.json")},
    "instatus": {
        "summary.json": body("instatus-summary.json"),
        "v2/components.json": body("instatus-components.json"),
    },
    "betterstack": {"index.json": body("betterstack-index.json")},
    "flashduty": {
        "summary/active": body("flashduty-active.json"),
        "change/list": body("flashduty-changes.json"),
    },
    "onlineornot": {"summary": body("onlineornot-summary.json")},
    "aws": {"currentevents": b"\xfe\xff" + body("aws-currentevents.json").decode().encode("utf-16-be")},
    "rss": {"feed": body("xai-feed.xml")},
    "azure-rss": {"feed": body("azure-feed.xml")},
}
#: kind → (indicator, component states, id: impact status components claimed published resolved, complete)
READ = {
    "statuspage": (
        "major",
        {"Messages API": "partial_outage", "Console": "operational", "Batch": "maintenance"},
        {
            "inc2": "major identified Messages API|21T10:02:00|21T10:14:05|-",
            "inc1": "minor postmortem Console|19T07:50:00|19T08:00:00|19T09:30:00",
            "mnt1": "maintenance in_progress Batch|21T10:00:00|18T09:00:00|-",
        },
        True,
    ),
    "incident.io": (
        "minor",
        {"Chat Completions": "degraded"},
        {"01JINCIDENT0000000000000A1": "minor investigating |21T10:20:00|21T10:20:00|-"},
        True,
    ),
    "google": (
        "major",
        {},
        {
            "GinC1": "major investigating Vertex Gemini API, Agents, Iowa (us-central1)"
            "|21T09:40:00|21T10:06:10|-",
            "GinC2": "critical resolved Google Cloud Storage|20T01:00:00|20T01:20:00|20T03:00:00",
        },
        True,
    ),
    "instatus": (
        "critical",
        {"API": "major_outage", "Site": "operational"},
        {
            "1c7c1f9f8c8a2b3f": "critical investigating |21T10:00:00|-|-",
            "maintenance": "maintenance scheduled |21T12:00:00|-|-",
        },
        True,
    ),
    "betterstack": (
        "minor",
        {"cone-a": "degraded", "resin-vision": "unknown"},
        {
            "77": "minor investigating cone-a|21T10:10:00|21T10:12:00|-",
            "76": "critical resolved resin-vision|20T10:00:00|20T10:05:00|20T10:30:00",
            "75": "maintenance scheduled |22T10:00:00|-|-",
        },
        True,
    ),
    "flashduty": (
        "major",
        {"API 服务 (API Service)": "partial_outage", "Chat": "operational"},
        {
            "9001": "major identified API 服务 (API Service)|21T10:00:00|21T10:01:00|-",
            "9000": "critical resolved Chat|18T11:06:40|18T11:06:40|18T11:36:40",
        },
        True,
    ),
    "onlineornot": (
        "critical",
        {"Chat API": "partial_outage", "Site": "operational"},
        {"oi1": "critical investigating |21T10:00:00|21T10:04:00|-"},
        True,
    ),
    "aws": (
        "critical",
        {},
        {
            "arn:aws:health:eu-central-1::event/BEDROCK/AWS_BEDROCK_OPERATIONAL_ISSUE/AWS_BEDROCK_1": (
                "major investigating Amazon Bedrock, Frankfurt|21T10:00:00|21T10:05:00|-"
            ),
            "arn:aws:health:us-east-1::event/EC2/X/Y": (
                "critical investigating Amazon Elastic Compute Cloud, N. Virginia|21T09:56:40|21T09:56:40|-"
            ),
        },
        True,
    ),
    "rss": (
        "critical",
        {},
        {
            "INC1": "critical investigating Global (api.wick.example), US (us.api.wick.example)"
            "|21T10:05:00|21T10:06:00|-",
            "ps_2": "major resolved Voice|20T19:03:18|20T19:03:18|20T20:03:29",
        },
        False,
    ),
    "azure-rss": (
        "",
        {},
        {
            "AZ1": "unknown investigating Azure OpenAI Service, West US|21T10:10:00|21T10:10:00|-",
            "AZ2": "unknown investigating Storage, West US|21T10:00:00|21T10:00:00|-",
        },
        False,
    ),
}


def shown(reading: PageReading) -> dict[str, str]:
    def at(moment: datetime | None) -> str:
        return f"{moment:%dT%H:%M:%S}" if moment else "-"

    return {
        row.external_id: f"{row.impact} {row.status} {', '.join(row.components)}"
        f"|{at(row.claimed_started_at)}|{at(row.published_at)}|{at(row.resolved_at)}"
        for row in reading.incidents
    }


@pytest.mark.parametrize("kind", [kind for kind in FORMS if kind != "instatus"])
def test_each_form_is_read_whole(kind: str):
    indicator, components, incidents, complete = READ[kind]
    reading = read_page(kind, PAGES[kind])
    assert reading.indicator == indicator
    assert {row.name: row.status for row in reading.components} == components
    assert shown(reading) == incidents
    assert reading.complete is complete


def test_instatus_incidents_have_ids_of_our_making_that_stay():
    indicator, components, incidents, _ = READ["instatus"]
    reading = read_page("instatus", PAGES["instatus"])
    again = read_page("instatus", PAGES["instatus"])
    assert (reading.indicator, {row.name: row.status for row in reading.components}) == (
        indicator,
        components,
    )
    assert list(shown(reading).values()) == list(incidents.values())
    assert [row.external_id for row in reading.incidents] == [row.external_id for row in again.incidents]
    assert len({row.external_id for row in reading.incidents}) == 2


def test_texts_lose_their_markup():
    (inc2, *_) = read_page("statuspage", PAGES["statuspage"]).incidents
    assert inc2.title == "Elevated errors on Quill Large 2"
    assert inc2.updates[0].body == "We found the cause & are deploying a fix.\nMore at our page."
    assert [row.status for row in inc2.updates] == ["identified", "investigating"]
    (wick, _) = read_page("rss", PAGES["rss"]).incidents
    assert wick.updates[0].body == "Traffic recovers slowly"
    assert plain("&lt;script&gt;1 < 2</p>x" + "y" * 9_000)[:20] == "<script>1 < 2\nxyyyyy"
    assert len(plain("y" * 90_000)) == 5_000


def test_the_first_publication_is_the_oldest_updates_creation_and_not_its_display():
    (inc2, *_) = read_page("statuspage", PAGES["statuspage"]).incidents
    assert inc2.published_at == datetime(2026, 11, 21, 10, 14, 5, 120_000, tzinfo=UTC)


def test_maintenance_is_told_apart():
    told = {kind: [row.maintenance for row in read_page(kind, PAGES[kind]).incidents] for kind in PAGES}
    assert told["statuspage"] == [False, False, True]
    assert told["betterstack"] == [False, False, True]
    assert told["instatus"] == [False, True]
    assert not any(told["google"])


@pytest.mark.parametrize(
    ("kind", "scope", "ids"),
    [
        ("google", ["Z0FZJAMvEB4j3NbCJs6B"], ["GinC1"]),
        ("google", ["nothing of it"], []),
        ("aws", ["bedrock"], ["arn:aws:health:eu-central-1::event/BEDROCK/AWS_BEDROCK_OPERATIONAL_ISSUE/"]),
        ("azure-rss", ["OpenAI"], ["AZ1"]),
        ("statuspage", ["messages"], ["inc2"]),
    ],
)
def test_a_page_of_many_products_is_read_for_the_providers_own(kind: str, scope: list[str], ids: list[str]):
    reading = read_page(kind, PAGES[kind], scope)
    assert len(reading.incidents) == len(ids)
    assert all(row.external_id.startswith(key) for row, key in zip(reading.incidents, ids, strict=True))
    if kind == "google" and not ids:
        assert reading.indicator == "none"  # an archive of all products: nothing of ours is under way


def test_an_empty_feed_says_nothing():
    reading = read_page("azure-rss", {"feed": body("empty-feed.xml")})
    assert (reading.indicator, reading.incidents, reading.complete) == ("", (), False)


def test_statuspages_own_feed_knows_its_years():
    (row,) = read_page("rss", {"feed": body("statuspage-history.atom")}).incidents
    assert (row.status, row.resolved_at) == ("resolved", datetime(2026, 1, 1, 0, 40, tzinfo=UTC))
    assert [(up.status, up.body) for up in row.updates] == [
        ("resolved", "This incident has been resolved."),
        ("investigating", "We are looking into it."),
    ]
    assert row.published_at == datetime(2025, 12, 31, 23, 50, tzinfo=UTC)


@pytest.mark.parametrize("kind", list(FORMS))
@pytest.mark.parametrize("answer", [b"", HTML, b'{"ok": true}', b"[1, 2]", b"[" * 100_000, b"\xff\xfe\x00"])
def test_what_is_in_no_form_is_unreadable_and_says_where(kind: str, answer: bytes):
    with pytest.raises(Unreadable) as caught:
        read_page(kind, dict.fromkeys(PAGES[kind], answer))
    assert str(caught.value).startswith(tuple(PAGES[kind]))
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("kind", list(FORMS))
def test_a_body_that_is_not_there_is_unreadable(kind: str):
    with pytest.raises(Unreadable, match="was not answered"):
        read_page(kind, {})


def test_the_message_names_the_path_and_what_was_found():
    broken = body("statuspage-summary.json").replace(b'"indicator": "major"', b'"indicator": ["major"]')
    with pytest.raises(Unreadable) as caught:
        read_page("statuspage", PAGES["statuspage"] | {SUMMARY: broken})
    assert str(caught.value) == (
        'api/v2/summary.json: status.indicator: expected a text that is not empty, found ["major"]'
    )
    broken = body("statuspage-incidents.json").replace(
        b'"created_at": "2026-11-19T08:00', b'"created_at": "then'
    )
    with pytest.raises(Unreadable, match=r"incidents\[1\].* expected a moment"):
        read_page("statuspage", PAGES["statuspage"] | {INCIDENTS: broken})
    with pytest.raises(Unreadable, match="an HTML page that begins with '<!DOCTYPE html>"):
        read_page("statuspage", PAGES["statuspage"] | {SUMMARY: HTML})


def test_a_word_that_nobody_told_us_of_is_unknown_and_no_fault():
    changed = body("statuspage-summary.json").replace(b'"status": "partial_outage"', b'"status": "wobbly"')
    changed = changed.replace(b'"indicator": "major"', b'"indicator": "orange"')
    reading = read_page("statuspage", PAGES["statuspage"] | {SUMMARY: changed})
    assert (reading.indicator, reading.components[0].status) == ("", "unknown")


def test_links_lead_to_the_web_only():
    bad = {
        name: given.replace(b"https://stspg.io/abc", b"javascript:x")
        for name, given in PAGES["statuspage"].items()
    }
    rows = {row.external_id: row.url for row in read_page("statuspage", bad).incidents}
    assert rows == {"inc2": "", "inc1": "", "mnt1": "https://stspg.io/m1"}
    fed = body("xai-feed.xml").replace(b"<link>https://status.wick.example/voice/ps_2", b"<link>javascript:x")
    assert [row.url for row in read_page("rss", {"feed": fed}).incidents][1] == ""


def test_an_incident_without_a_title_is_one():
    nameless = body("statuspage-incidents.json").replace(b'"name": "Slow answers"', b'"name": null')
    rows = read_page("statuspage", PAGES["statuspage"] | {INCIDENTS: nameless}).incidents
    assert [row.title for row in rows if row.external_id == "inc1"] == ["—"]


def test_a_feed_is_never_taken_for_the_name_of_a_file():
    with pytest.raises(Unreadable, match="expected RSS or Atom"):
        read_page("rss", {"feed": str(GIVEN / "xai-feed.xml").encode()})


def test_a_feed_with_entities_of_its_own_is_not_expanded():
    bomb = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss version="2.0"/>'
    with pytest.raises(Unreadable, match="declares entities"):
        read_page("rss", {"feed": bomb})


@pytest.mark.parametrize(
    ("kind", "url", "urls"),
    [
        (
            "statuspage",
            "https://status.claude.com/",
            [f"https://status.claude.com/{SUMMARY}", f"https://status.claude.com/{INCIDENTS}"],
        ),
        ("rss", "https://status.x.ai", ["https://status.x.ai/feed.xml"]),
        ("rss", "https://status.x.ai/history.atom", ["https://status.x.ai/history.atom"]),
        (
            "azure-rss",
            "https://azure.status.microsoft",
            ["https://rssfeed.azure.status.microsoft/en-us/status/feed/"],
        ),
        ("google", "https://status.cloud.google.com", ["https://status.cloud.google.com/incidents.json"]),
        (
            "onlineornot",
            "https://status.openrouter.ai",
            ["https://api.onlineornot.com/v1/status_pages/status.openrouter.ai/summary"],
        ),
        (
            "flashduty",
            "https://status.deepseek.com#4711",
            [
                "https://statuspage.flashduty.com/api/status-page/4711/summary/active",
                "https://statuspage.flashduty.com/api/status-page/4711/change/list"
                "?start_at_seconds=1792627200&end_at_seconds=1795305600",
            ],
        ),
        ("flashduty", "https://status.deepseek.com", []),
        ("html", "https://status.mistral.ai", []),
        ("", "", []),
    ],
)
def test_the_addresses_of_a_page(kind: str, url: str, urls: list[str]):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert [row.at(now) for row in sources_of(kind, url)] == urls


def test_every_form_is_given_bodies_by_the_names_of_its_sources():
    for kind, given in PAGES.items():
        named = {row.name for row in sources_of(kind, "https://status.example#1")}
        assert set(given) == named, kind
        assert FORMS[kind].read(Asked(given)).incidents


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("9999-12-31T23:59:59Z", None),  # "never"
        ("0001-01-01T00:00:00Z", None),  # Go's and .NET's moment of nothing
        ("1970-01-01T00:00:00Z", None),
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_that_stands_for_none_is_none(told: str, kept: datetime | None):
    assert Shape({"started_at": told}, "x:").moment_at("started_at") == kept
    item = f"<item><title>t</title><description>{told}</description></item>"
    feed = f"<rss version='2.0'><channel>{item}</channel></rss>".encode()
    (incident,) = read_page("rss", {"feed": feed}).incidents
    assert incident.published_at == kept


def test_half_a_character_which_json_can_spell_is_not_handed_to_the_database():
    assert parse({"x": rb'{"name": "a\ud800b"}'}, "x").text_at("name") == "a?b"
