"""From a small web of invented sites (news/tests/web) to the readers' page: crawled, grouped, drafted beside
its sources, stopped by the fact check, put right, published, read, corrected, withdrawn.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import APIResponse, Page, expect

from editorial.admin.forms import VERSION
from news.tests.web.sites import PLACED, SOURCES, WRONG, Web, papers
from news.tests.web.sites import standing as sites_standing
from news.tests.web.traps import ORDER, TRAPS
from testing.newsroom import Newsroom, environment_of, fill, press, said_by, standing, state
from testing.patience import PATIENCE_S

pytestmark = pytest.mark.only_on("sqlite")

SEED = """
from benchmarks.tests.factories import make_model
make_model("orrin-4-1", "halden", name="Orrin 4.1")
"""
#: Hosts whose pages lead nowhere else: each of their turns is one request.
PLAIN = ("veyra", "quillon", "mirror", "aisori", "portal", "lab")


class Journey(NamedTuple):
    """The newsroom after the crawl, what the crawl told (news.tests.web.crawl), and who was asked what."""

    newsroom: Newsroom
    told: dict[str, Any]
    web: Web

    def items(self, source: str) -> list[dict[str, Any]]:
        return [item for item in self.told["items"] if item["source"] == source]

    def item(self, host: str, path: str) -> dict[str, Any]:
        """The newest version of a page."""
        url = self.web.hosts[host].url + path
        return next(item for item in reversed(self.told["items"]) if item["url"] == url)


@pytest.fixture(scope="module")
def journey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    environment = environment_of(
        tmp_path_factory.mktemp("news"), FETCH_ALLOWED_NETWORKS="127.0.0.0/8", NEWS_CRAWL="0"
    )
    with sites_standing() as web:
        told = said_by(environment, "-m", "news.tests.web.crawl", asked=json.dumps(web.rows()))
    with standing(environment, seed=SEED) as newsroom:
        yield Journey(newsroom, json.loads(told), web)


def label_of(journey: Journey) -> dict[str, str]:
    """Address → what its text tells, as labelled."""
    found = {journey.web.hosts[host].url + one.path: one.label for host in PLACED for one in papers(host)}
    changes = journey.web.hosts["sdk"].url
    return {
        url.replace(f"{changes}/changes/", f"{changes}/changelog#"): label for url, label in found.items()
    }


# --- the crawl -------------------------------------------------------------------------------------


def test_every_page_is_read_or_refused_for_a_stated_reason(journey: Journey):
    items = journey.told["items"]
    read = {item["url"] for item in items if not item["problem"]}
    refused = {item["url"]: item["problem"] for item in items if item["problem"]}
    assert len(read) >= 60
    asked = {(name, path) for name, host in journey.web.hosts.items() for path in host.asked}
    assert len(asked) >= 100
    for item in items:
        assert len(item["sha256"]) == 64
        assert (item["whole"] > 0 and item["text"] != "") or item["problem"], item
    assert Counter(refused.values()) == Counter(
        ["robots", "robots", *(problem for _, _, problem in TRAPS.values() if problem)]
    )


def test_texts_come_without_what_stands_around_them(journey: Journey):
    labelled = {
        journey.web.hosts[host].url + one.path: one
        for host in PLACED
        if host != "sdk"
        for one in papers(host)
    }
    seen = 0
    for item in journey.told["items"]:
        if (one := labelled.get(item["url"])) is None or (
            item["source"] == "token-wire" and "/news/" in item["url"]
        ):
            continue
        seen += 1
        words = item["text"].replace("\n", " ").replace(*reversed(WRONG))
        assert all(sentence in words for sentence in one.text.split(". ")[1:]), item
        assert item["title"] == one.title
        assert item["lang"] == one.lang
        assert item["published"][:10] == f"{one.at:%Y-%m-%d}"
        for around in ("cookie", "Careers", "laptop", "plum", "많이 본", "로그인"):
            assert around not in item["text"], item
    assert seen >= 50


def test_hosts_are_asked_in_turn_and_not_more_often(journey: Journey):
    turns: dict[str, list[tuple[datetime, float]]] = defaultdict(list)
    for origin, moment, delay in journey.told["turns"]:
        turns[origin].append((datetime.fromisoformat(moment), delay))
    for moments in turns.values():
        for (before, delay), (after, _) in pairwise(moments):
            assert (after - before).total_seconds() >= max(5, delay)
    hosts = journey.web.hosts
    assert {delay for _, delay in turns[hosts["quillon"].url]} == {20}
    for name in PLAIN:
        assert len(hosts[name].asked) == len(turns[hosts[name].url]), name
        assert hosts[name].asked_robots == 3  # once a day
    agents = {headers["user-agent"] for host in hosts.values() for headers in host.headers}
    assert len(agents) == 1
    assert agents.pop().startswith("AI-GO/1.0 (+http")


def test_robots_are_obeyed(journey: Journey):
    hosts = journey.web.hosts
    assert hosts["closed"].asked == hosts["down"].asked == []
    assert hosts["closed"].asked_robots == hosts["down"].asked_robots == 3
    everything = [path for host in hosts.values() for path in host.asked]
    assert not [path for path in everything if path.startswith(("/preview", "/internal", "/secret"))]
    assert "/rules/robots.txt" in hosts["wire"].asked
    told = {source["slug"]: source for source in journey.told["sources"]}
    assert told["closed"]["error"].endswith("robots.txt forbids it")
    assert told["down"]["error"].endswith("its robots.txt cannot be had, so nothing is allowed")
    assert len(journey.items("castellan-map")) == 4  # what stands behind half a megabyte of rules is none


def test_the_second_day_has_one_new_row_and_the_third_none(journey: Journey):
    _, second, third = journey.told["days"]
    assert {slug: done["kept"] for slug, done in second.items() if done["kept"]} == {"halden-blog": 1}
    assert not any(done["kept"] for done in third.values())
    assert sum(done["same"] for done in third.values()) >= 50
    for host, name, value in (
        ("veyra", "if-none-match", '"v1"'),
        ("quillon", "if-modified-since", "Tue, 17 Nov 2026 09:00:00 GMT"),
    ):
        page, stands = papers(host)[-1].path, journey.web.hosts[host]
        sent = zip(stands.asked, stands.headers, strict=True)
        assert [headers.get(name) for path, headers in sent if path == page] == [None, value, value]
    old, new = (item for item in journey.items("halden-blog") if item["url"].endswith("/orrin-41-a"))
    assert "83% fewer" in old["text"]
    assert "38% fewer" in new["text"]
    assert (new["story"], new["joined_by"]) == (old["story"], "url")


def test_a_trap_changes_nothing_but_its_own_item(journey: Journey):
    traps = journey.items("traps")
    assert {item["url"].rpartition("/")[2]: item["problem"] for item in traps} == {
        path[1:]: problem for path, (_, _, problem) in TRAPS.items()
    }
    stories = Counter(item["story"] for item in journey.told["items"])
    assert all(stories[item["story"]] == 1 for item in traps)
    texts = {item["url"].rpartition("/")[2]: item["text"] for item in traps}
    assert "nine days in a hall" in texts["hidden"]
    assert "forty machines" in texts["scripted"]
    # What readers see is read, an order to machines, too: it stays in that item, and in no summary.
    assert [name for name, text in texts.items() if ORDER in text] == ["injected"]
    assert not [item for item in journey.told["items"] if ORDER in item["text"] and item not in traps]
    asked = journey.web.hosts["traps"].asked
    assert not [path for path in asked if path.startswith(("/honeypot", "/calendar?", "/admin", "/latest"))]
    assert asked.count("/loop") <= 3 * 3 + 3
    told = {source["slug"]: source for source in journey.told["sources"]}
    assert told["slow"]["trouble"] == {journey.web.hosts["slow"].url + "/drip": "network"}
    assert journey.items("slow") == []  # it is asked again before the listing speaks for it


def test_broken_feeds_give_what_can_be_read(journey: Journey):
    titles = {one.slug: [item["title"] for item in journey.items(one.slug)] for one in SOURCES}
    assert titles["cut-off"] == ["Agents from rival vendors can now hand each other work"]
    assert titles["wrong-encoding"] == ["에이전트 간 작업 전달 규약 핸드오프 1.0 확정"]
    assert titles["undeclared"] == ["é… Zephyrine appoints Tomas Reuel as chief financial officer"]
    told = {source["slug"]: source for source in journey.told["sources"]}
    assert (titles["html-as-feed"], told["html-as-feed"]["problem"]) == ([], "format")


def test_stories_are_those_that_were_labelled(journey: Journey):
    labels, stories = label_of(journey), defaultdict(set)
    for item in journey.told["items"]:
        if item["url"] in labels:
            stories[labels[item["url"]]].add(item["story"])
    assert len(stories) >= 25
    assert {label: len(numbers) for label, numbers in stories.items()} == dict.fromkeys(stories, 1)
    assert len(set().union(*stories.values())) == len(stories)
    grounds = Counter(item["joined_by"] for item in journey.told["items"])
    assert all(grounds[ground] for ground in ("url", "title", "text", "event"))


# --- the newsroom -----------------------------------------------------------------------------------


def drafted_by_ed(page: Page, journey: Journey) -> str:
    """From the inbox; the article's address."""
    story = journey.item("halden", "/blog/orrin-41-a")["story"]
    told = [item for item in journey.told["items"] if item["story"] == story]
    page.goto(f"{journey.newsroom.url}/admin/news/story/")
    page.locator(f'#result_list a[href*="/story/{story}/"]').click()
    assert {item["source"] for item in told} >= {"halden-blog", "aisori", "moa", "token-wire", "feed-mirror"}
    expect(page.locator(".beside__source")).to_have_count(len(told))
    page.get_by_role("button", name="Draft an article").click()
    state(page, "draft")
    return page.url.removeprefix(journey.newsroom.url)


def claim_with(page: Page, words: str) -> Any:
    """The claim of the English summary that says so."""
    claims = page.locator(".form-row.field-summary .claim, .field-summary .claim")
    for number in range(claims.count()):
        if words in claims.nth(number).locator("textarea[name$='-text']").input_value():
            return claims.nth(number)
    raise AssertionError(f"no line of the summary says {words!r}")


def sent_past_the_button(page: Page, url: str) -> APIResponse:
    """What a move's form would send, though the page has no such form."""
    names = ("csrfmiddlewaretoken", VERSION)
    return page.request.post(
        url, form={name: page.locator(f"[name={name}]").first.input_value() for name in names}
    )


def save(page: Page, version: int) -> None:
    """As that version, which the page then shows."""
    page.locator("[name=_continue]").click()
    expect(page.locator(".work__links")).to_contain_text(f"version {version}")


def found_by_readers(page: Page, url: str, count: int) -> None:
    """Wait until the list of news has so many cards."""
    for _turn in range(int(PATIENCE_S * 2)):
        page.goto(f"{url}/news/")
        if page.locator(".news-card").count() == count:
            return
        page.wait_for_timeout(500)
    expect(page.locator(".news-card")).to_have_count(count)


def seen(page: Page, address: str, place: str, words: str) -> None:
    """Wait until the page says so: it is kept until the event of a change."""
    for _turn in range(int(PATIENCE_S * 2)):
        page.goto(address)
        if page.locator(place, has_text=words).count():
            return
        page.wait_for_timeout(500)
    expect(page.locator(place)).to_contain_text(words)


def read_by_readers(page: Page, journey: Journey, lang: str, words: str) -> None:
    """An article in one language: three lines, each with words that stand in what was fetched."""
    lines = page.locator(".article__summary li")
    expect(lines).to_have_count(3)
    expect(page.locator(".article__main > div").first).to_have_attribute("lang", lang)
    expect(page.locator(".article__summary")).to_contain_text(words)
    expect(page.locator("main")).not_to_contain_text("600,000")
    texts = [item["text"] for item in journey.told["items"]]
    for quote in lines.locator("q").all_text_contents():
        assert any(quote in text for text in texts), quote
    lines.first.locator("button").click()
    expect(lines.first.locator("[data-provenance] q")).to_be_visible()
    expect(page.locator("[data-state-of] .state-of__name")).to_have_text("Orrin 4.1")
    expect(page.locator("[data-state-of] .state-of__one")).to_have_attribute("data-state", "unknown")
    sources = page.locator("#sources .source__title a")
    listed = {item["listed"] for item in journey.told["items"]}
    assert {one.get_attribute("href") for one in sources.all()} <= listed
    assert sources.count() >= 4


def told_to_programs(page: Page, journey: Journey, slug: str) -> None:
    """API and feed say what the page says, with the hash of what was fetched."""
    site = journey.newsroom.url
    hashes = {item["sha256"] for item in journey.told["items"]}
    (one,) = page.request.get(f"{site}/api/v1/news?tag=model:orrin-4-1").json()["results"]
    assert one["slug"] == slug
    for lang in ("en", "ko"):
        claims = one["summary"][lang]
        assert len(claims) == 3
        assert {claim["source"]["sha256"] for claim in claims} <= hashes
    assert page.request.get(f"{site}/api/v1/news/{slug}").json()["title"] == one["title"]
    feed = page.request.get(f"{site}/news/feed.atom").text()
    for words in (f"/news/{slug}/", one["title"]["en"], "400,000"):
        assert words in feed


def planted_by_ed(page: Page) -> None:
    """A false figure in one line: it is told at its field, and the article goes nowhere with it."""
    work = page.url
    line = claim_with(page, "400,000").locator("textarea[name$='-text']")
    true = line.input_value()
    line.fill(true.replace("400,000", "600,000"))
    save(page, 2)
    claim = claim_with(page, "600,000")
    expect(claim).to_have_class("claim claim--blocked")
    expect(claim.locator(".claim__stop")).to_contain_text("600,000")
    for place in (".flaws", ".work__refused"):
        expect(page.locator(place)).to_contain_text("600,000")
    expect(page.locator('form[action$="/move/submit/"]')).to_have_count(0)
    refused = sent_past_the_button(page, work.replace("/change/", "/move/submit/"))
    assert refused.status == 409
    assert "600,000" in refused.text()
    page.goto(work)
    state(page, "draft")
    claim_with(page, "600,000").locator("textarea[name$='-text']").fill(true)
    save(page, 3)
    expect(page.locator(".claim--blocked")).to_have_count(0)


def published_by_pia(page: Page, work: str) -> None:
    page.goto(work)
    for move, then in (("approve", "approved"), ("publish", "published")):
        press(page, move)
        state(page, then)


def read_everywhere(journey: Journey, reader: Page) -> str:
    """By people in both languages, by programs, on the model's page; its address."""
    site = journey.newsroom.url
    found_by_readers(reader, site, 1)
    reader.locator(".news-card__title a").click()
    read_by_readers(reader, journey, "en", "400,000")
    address = reader.url
    korean = journey.newsroom.desk(lang="ko")
    korean.goto(address)
    read_by_readers(korean, journey, "ko", "40만")
    path = address.removeprefix(site)
    told_to_programs(reader, journey, path.split("/")[2])
    reader.goto(f"{site}/models/orrin-4-1/news/")
    expect(reader.locator(f'.news-lines a[href="{path}"]')).to_be_visible()
    return address


def corrected_by_pia(page: Page) -> None:
    page.locator('form[action$="/correct/"] button').click()
    page.locator("[name=text_en]").fill("The price was left out at first.")
    page.locator("[name=text_ko]").fill("처음에는 가격이 빠져 있었습니다.")
    page.locator(".work-asked__buttons button").click()
    expect(page.locator(".corrections")).to_contain_text("The price was left out")


def test_a_story_goes_from_the_inbox_to_readers_and_a_false_number_does_not(journey: Journey):
    newsroom = journey.newsroom
    ed, pia, reader = (newsroom.desk(name) for name in ("ed", "pia", ""))
    work = newsroom.url + drafted_by_ed(ed, journey)
    expect(ed.locator(".beside__source mark").first).to_be_visible()
    expect(ed.locator(".flaws")).to_have_count(0)
    planted_by_ed(ed)
    press(ed, "submit")
    state(ed, "review")
    expect(ed.locator('form[action$="/move/approve/"]')).to_have_count(0)  # he wrote it

    published_by_pia(pia, work)
    address = read_everywhere(journey, reader)
    corrected_by_pia(pia)
    seen(reader, address, "#corrections", "The price was left out at first.")
    fill(pia, "unpublish", "reason", "The vendor took the announcement back.")
    state(pia, "withdrawn")
    seen(reader, address, "main", "The vendor took the announcement back.")
    found_by_readers(reader, newsroom.url, 0)
    slug = address.split("/")[4]
    assert [reader.request.get(url).status for url in (address, f"{newsroom.url}/api/v1/news/{slug}")] == [
        410
    ] * 2
    assert slug not in reader.request.get(f"{newsroom.url}/news/feed.atom").text()
