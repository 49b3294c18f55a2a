"""A score's way through the newsroom, by three people in three browsers, and on to the readers' page."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from testing.newsroom import Newsroom, environment_of, fill, press, standing, state

pytestmark = pytest.mark.only_on("sqlite")

SEED = """
from django.utils import timezone
from benchmarks.models import Suite
from benchmarks.services import import_suites
from benchmarks.services.seeding import seed_sources
from benchmarks.tests.factories import make_model, make_score

import_suites(now=timezone.now())
seed_sources()
mmlu = Suite.objects.get(slug="mmlu")
make_score(mmlu, make_model("first-model"), 85.1)
make_model("second-model")
"""
#: A change reaches kept pages with the event that tells of it.
TOLD_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with standing(environment_of(tmp_path_factory.mktemp("newsroom")), seed=SEED) as stands:
        yield stands


def choose(page: Page, field: str, typed: str) -> None:
    """What is typed into one of the admin's search fields, and the first that it finds."""
    page.locator(f"[aria-labelledby='select2-id_{field}-container']").click()
    page.locator(".select2-search__field").fill(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).click()


def readers_count(page: Page, newsroom: Newsroom, *wanted: str) -> None:
    """Wait until the headline says so many scores, models, suites and sources."""
    found: list[str] = []
    for _turn in range(int(TOLD_WITHIN_S * 2)):
        page.goto(f"{newsroom.url}/benchmarks/")
        found = page.locator(".headline [data-value]").all_inner_texts()
        if found == [*wanted]:
            return
        page.wait_for_timeout(500)
    assert found == [*wanted]


#: Newest first: who, and what was done.
TRAIL = [
    ("pia", "unpublished"), ("pia", "published"), ("pia", "scheduled"), ("pia", "approved"),
    ("ed", "edited"), ("ed", "approved"), ("ada", "submitted for review"), ("ada", "created"),
]  # fmt: skip


def written_by_ada(page: Page, newsroom: Newsroom) -> str:
    """A draft, typed in; its address."""
    page.goto(f"{newsroom.url}/admin/benchmarks/score/add/")
    choose(page, "suite", "MMLU")
    choose(page, "model", "second-model")
    typed = {
        **{"label": "Second Model", "raw": "87.5", "value": "87.5", "setting_text": "5-shot"},
        **{"source_name": "The announcement", "source_url": "https://example.org/second#L3"},
    }
    for name, text in typed.items():
        page.locator(f"#id_{name}").fill(text)
    page.locator("#id_evidence").select_option("self-reported")
    page.locator("[name=_continue]").click()
    state(page, "draft")
    return page.url.removeprefix(newsroom.url)


def corrected_by_ed(page: Page, newsroom: Newsroom) -> None:
    """From his queue, in Korean: approved, then changed, which takes his approval away."""
    page.goto(f"{newsroom.url}/admin/editorial/")
    expect(page.locator("h1")).to_have_text("편집 대기열")
    score = page.get_by_role("link", name="Second Model")
    waiting = page.locator(".work-queue__part", has_text="내 검토를 기다리는 항목", has=score)
    expect(waiting.locator(".work-queue__count")).to_have_text("1")
    waiting.get_by_role("link", name="Second Model").click()
    press(page, "approve")
    state(page, "approved")
    page.locator("#id_note").fill("The table says 87.5, the text 87.")
    expect(page.locator("[data-editorial-unsaved]")).to_be_visible()
    page.locator("[name=_continue]").click()
    state(page, "review")
    expect(page.locator(".work__refused")).to_contain_text("다른 사람이 승인해야 합니다")
    expect(page.locator('form[action$="/move/approve/"]')).to_have_count(0)


def test_a_score_goes_from_its_author_to_the_readers_and_back(newsroom: Newsroom):
    reader, ada, pia = (newsroom.desk(name) for name in ("", "ada", "pia"))
    readers_count(reader, newsroom, "1", "1", "1", "1")

    work = written_by_ada(ada, newsroom)
    press(ada, "submit")
    state(ada, "review")
    expect(ada.locator('form[action*="/move/"]')).to_have_count(0)  # not hers to approve
    corrected_by_ed(newsroom.desk("ed", "ko"), newsroom)

    pia.goto(newsroom.url + work)
    press(pia, "approve")
    state(pia, "approved")
    ahead = datetime.now(UTC) + timedelta(days=3)
    fill(pia, "schedule", "moment", f"{ahead:%Y-%m-%dT09:00}")
    state(pia, "scheduled")
    expect(pia.locator(".work__facts")).to_contain_text(f"{ahead:%Y-%m-%d} 09:00 UTC")
    readers_count(reader, newsroom, "1", "1", "1", "1")
    press(pia, "publish")
    state(pia, "published")
    expect(pia.locator("[name=_save]")).to_have_count(0)

    readers_count(reader, newsroom, "2", "2", "1", "2")
    reader.goto(f"{newsroom.url}/benchmarks/mmlu/second-model/")
    expect(reader.locator("main")).to_contain_text("87.5")
    expect(reader.locator('main a[href="https://example.org/second#L3"]:visible').first).to_be_visible()

    expect(pia.locator('form[action$="/move/unpublish/"]')).to_contain_text("Readers see it")
    fill(pia, "unpublish", "reason", "The announcement was taken back.")
    state(pia, "withdrawn")
    readers_count(reader, newsroom, "1", "1", "1", "1")
    pia.get_by_role("link", name="The whole history").click()
    lines = pia.locator(".work-trail tbody tr")
    who, what = (lines.locator(f"td:nth-child({cell})").all_inner_texts() for cell in (2, 3))
    assert [(name, done.partition("→")[0].strip()) for name, done in zip(who, what, strict=True)] == TRAIL
    expect(lines.first).to_contain_text("The announcement was taken back.")
