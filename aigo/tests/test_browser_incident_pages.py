"""The pages of incidents in a real browser: what goes on comes by itself, and everything fits."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from aigo.lib.regions import REGIONS
from aigo.styleguide import MOMENT, sample_story, sample_strip
from aigo.tests.pages import SITE, render_page, serve
from aigo.tests.test_browser_notify import keep, shown
from status.chronicle import IncidentStory, Wish
from status.uptime import Uptime


def render_list(*stories: IncidentStory, lang: str = "en") -> str:
    over = sample_story(id=9, state="closed", stage="resolved", ended_at=MOMENT)
    strip = sample_strip()
    options = [
        {"value": "", "label": "All", "active": True},
        *({"value": r.slug, "label": r.name} for r in REGIONS),
    ]
    context: dict[str, Any] = {
        **{"wish": Wish(), "filtered": False, "open": stories, "shows_open": True, "shows_past": True},
        **{
            "past": [over],
            "past_count": 41,
            "pager": {"number": 1, "pages": 2, "newer": "", "older": "?page=2"},
        },
        **{"planned": [], "strips": [strip], "inside": {"sample-works": [strip]}, "leads": []},
        **{"uptime": Uptime(MOMENT, strip.first, (strip,)), "generated_at": MOMENT, "away": "", "query": ""},
        "choices": [
            {"name": name, "label": name.title(), "options": options} for name in ("region", "state")
        ],
    }
    return render_page("status/incidents.html", context, lang=lang)


def render_story(*, lang: str = "en") -> str:
    return render_page("status/incident.html", {"story": sample_story(), "generated_at": MOMENT}, lang=lang)


def answer_with(page: Page, path: str, stories: Sequence[IncidentStory]) -> None:
    """What the page asks for again and again."""

    def answer(route: Route) -> None:
        html = render_to_string("status/_incidents_open.html", {"open": list(stories), "filtered": False})
        route.fulfill(json={"type": "incidents", "data": {"html": html}})

    page.route(f"{SITE}{path}", answer)


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize(
    "render", [lambda lang: render_list(sample_story(), lang=lang), lambda lang: render_story(lang=lang)]
)
def test_the_pages_fit_every_width_and_break_no_policy(page: Page, render: Any, lang: str):
    troubles = serve(page, render(lang))
    answer_with(page, "/incidents/open", [sample_story()])
    page.route(f"{SITE}/incidents/1/story", lambda route: route.fulfill(status=304))
    page.goto(SITE + "/")
    for summary in page.locator("details > summary").all():
        summary.click()
    for width in (360, 641, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
    assert [trouble for trouble in troubles if "304" not in trouble] == []


def test_what_is_new_comes_by_itself_and_is_announced(page: Page):
    stories = [sample_story()]
    serve(page, render_list(*stories))
    answer_with(page, "/incidents/open", stories)
    page.clock.install()
    page.goto(SITE + "/")
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "polling")
    stories.insert(0, replace(sample_story(severity="critical", provider="Ninth Works"), id=2))
    page.clock.run_for(13_000)
    expect(page.get_by_role("heading", name="2 open incidents")).to_be_visible()
    expect(page.locator("#incident-2")).to_contain_text("Ninth Works")
    page.clock.run_for(1_000)
    expect(page.locator("[data-chronicle-announcer]")).to_contain_text(
        "New incident: Sample 4: Requests fail (Seoul): Critical"
    )
    stories.clear()
    page.clock.run_for(13_000)
    expect(page.get_by_role("heading", name="No open incident")).to_be_visible()


def test_days_can_be_read_without_seeing_or_pointing(page: Page):
    serve(page, render_list())
    answer_with(page, "/incidents/open", [])
    page.goto(SITE + "/")
    said = "30 days: 99.69 % available, trouble on 2, not measured on 2."
    expect(page.get_by_role("img", name=said)).to_be_visible()
    page.locator("#uptime-sample-works > summary").focus()
    page.keyboard.press("Enter")
    days = page.locator(".uptimes__days li")
    expect(days).to_have_count(2)
    expect(days.first).to_contain_text("93.75 % of 8,640 attempts · Major Outage")
    heights = page.locator(".uptime__bars rect").evaluate_all(
        "(all) => Object.fromEntries(all.map((bar) => [bar.dataset.state, bar.getAttribute('height')]))"
    )
    assert len(set(heights.values())) == 4


def test_the_list_tells_by_notification_what_opens_and_ends(page: Page):
    keep(page, permission="granted")
    stories = [sample_story()]
    serve(page, render_list(*stories))
    answer_with(page, "/incidents/open", stories)
    page.clock.install()
    page.goto(SITE + "/")
    page.get_by_role("button", name="Notify me here").click()
    stories.append(replace(sample_story(severity="critical"), id=2))
    page.clock.run_for(13_000)
    expect(page.locator("#incident-2")).to_be_visible()
    stories.pop()
    page.clock.run_for(13_000)
    expect(page.locator("#incident-2")).to_have_count(0)
    assert [(it["title"], it["tag"]) for it in shown(page)] == [
        ("Critical: Sample 4: Requests fail (Seoul)", "incident-2"),
        ("Over: Sample 4: Requests fail (Seoul)", "incident-2"),
    ]
