"""A score's way through the newsroom, by three people in three browsers, and on to the readers' page."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from testing import browser, migrated
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port

pytestmark = pytest.mark.only_on("sqlite")

SEED = """
import django; django.setup()
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Group, User
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
for name, role in (("ada", "Author"), ("ed", "Editor"), ("pia", "Publisher")):
    user = User.objects.create_user(name, f"{name}@example.org", "a-password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(name, session.session_key)
"""
#: A change reaches kept pages with the event that tells of it.
TOLD_WITHIN_S = 60.0


class Newsroom:
    """A web process, and a browser of each person's own. sessions: name → key."""

    def __init__(self, url: str, chromium: Browser, sessions: dict[str, str]) -> None:
        self.url, self._chromium, self._sessions = url, chromium, sessions

    def desk(self, name: str = "", lang: str = "en") -> Page:
        """The page in front of somebody who has signed in; "" = of a reader."""
        context = self._chromium.new_context(locale={"en": "en-US", "ko": "ko-KR"}[lang])
        cookies = {"django_language": lang} | ({"sessionid": self._sessions[name]} if name else {})
        context.add_cookies([{"name": key, "value": cookies[key], "url": self.url} for key in cookies])
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    data = tmp_path_factory.mktemp("newsroom")
    migrated.sqlite_into(data)
    environment = {
        "DJANGO_SETTINGS_MODULE": "aigo.settings",
        "DATA_DIR": str(data),
        "SECRET_KEY": "of this newsroom alone",
        "STATIC_HASHED": "0",
    }
    sessions = dict(line.split() for line in _seeded(environment))
    port = free_port()
    server = ServerProcess(
        [sys.executable, "-m", "aigo.serving", "-b", "127.0.0.1", "-p", str(port)], environment=environment
    )
    try:
        server.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        with browser.chromium() as chromium:
            yield Newsroom(f"http://127.0.0.1:{port}", chromium, sessions)
    finally:
        server.stop_quickly()


def _seeded(environment: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SEED], env=clean_environment(**environment), cwd=ROOT,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def choose(page: Page, field: str, typed: str) -> None:
    """What is typed into one of the admin's search fields, and the first that it finds."""
    page.locator(f"[aria-labelledby='select2-id_{field}-container']").click()
    page.locator(".select2-search__field").fill(typed)
    page.locator(".select2-results__option--highlighted", has_text=typed).click()


def press(page: Page, move: str) -> None:
    """A move's button, with nothing to fill in."""
    page.locator(f'.work__moves form[action$="/move/{move}/"] button').click()


def fill(page: Page, move: str, field: str, typed: str) -> None:
    """A move's button that unfolds a field."""
    form = page.locator(f'form[action$="/move/{move}/"]')
    page.locator("details.work__move", has=form).locator("summary").click()
    form.locator(f"[name={field}]").fill(typed)
    form.get_by_role("button").click()


def state(page: Page, expected: str) -> None:
    expect(page.locator(".work__way .work-state")).to_have_attribute("data-state", expected)


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
