"""A model's live state on a page that names it, in a real browser: it comes, follows and stays."""

from dataclasses import replace

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, Route, expect

from aigo.styleguide import sample_row
from aigo.tests.pages import SITE, serve, stop_clock
from status.board import BoardRow
from status.rules import State
from testing.patience import PATIENCE_S

#: As an article has it: without scripts, or before the first answer, there is the link.
PAGE = """{% extends "base.html" %}{% load assets %}
{% block modules %}{% page_module "state_of" %}{% endblock %}
{% block main %}<div data-state-of="sample-1"><a href="/models/sample-1/">Sample 1</a></div>{% endblock %}"""
#: Longer than any pause between two questions.
A_TURN_MS = 18_000
IN_OUTAGE = replace(sample_row(), state=State.OUTAGE, reason="confirmed_failures")


def part_of(*rows: BoardRow) -> str:
    dossier = {"slug": "sample-1", "model": {"name": "Sample 1"}}
    return render_to_string("status/_state_of.html", {"now": {"dossier": dossier, "rows": rows, "more": 0}})


class Answers:
    """What the site says of the model: (status, HTML), as the test sets it. `asked`: how often."""

    def __init__(self, page: Page) -> None:
        self.asked, self.said = 0, (200, part_of(sample_row()))
        page.route(f"{SITE}/status/state/sample-1", self._answer)

    def _answer(self, route: Route) -> None:
        self.asked += 1
        status, body = self.said
        route.fulfill(status=status, body=body, content_type="text/html; charset=utf-8")


def until(page: Page, words: str) -> None:
    """Let turns pass until the place says so: what takes ten seconds of this machine's time is given up."""
    place = page.locator("[data-state-of]", has_text=words)
    for _ in range(int(PATIENCE_S)):
        if place.count():
            return
        page.clock.run_for(A_TURN_MS)
        page.wait_for_timeout(100)
    expect(place).to_be_visible()


@pytest.fixture
def answers(page: Page) -> Answers:
    """The page stands open, its clock still, and has been told."""
    stop_clock(page)
    serve(page, engines["django"].from_string(PAGE).render({}, RequestFactory().get("/")))
    answers = Answers(page)
    page.goto(SITE + "/")
    until(page, "Operational")
    return answers


def test_a_model_s_state_takes_the_place_of_the_link_and_follows(page: Page, answers: Answers):
    link = page.locator("[data-state-of]").get_by_role("link", name="Sample 1", exact=True)
    expect(link).to_have_count(1)
    expect(link).to_have_attribute("href", "/models/sample-1/")
    answers.said = (200, part_of(IN_OUTAGE))
    until(page, "Outage")
    expect(page.locator(".state-of__one")).to_have_attribute("data-state", "outage")
    expect(link).to_have_count(1)


def test_what_it_was_told_stands_while_the_site_does_not_answer(page: Page, answers: Answers):
    answers.said = (503, "The database is away.")
    with page.expect_response("**/status/state/sample-1", timeout=PATIENCE_S * 1000) as refused:
        page.clock.run_for(A_TURN_MS)
    refused.value.finished()
    expect(page.locator("[data-state-of]")).to_contain_text("Operational")
    answers.said = (200, part_of(IN_OUTAGE))
    until(page, "Outage")


def test_of_a_model_that_is_gone_it_says_so_and_asks_no_more(page: Page, answers: Answers):
    answers.said = (404, render_to_string("status/_state_of_none.html"))
    until(page, "The catalogue has no model of this name any more.")
    asked = answers.asked
    page.clock.run_for(5 * A_TURN_MS)
    page.evaluate("0")  # a round trip: what the page has begun by now has reached the test
    assert answers.asked == asked


def test_a_page_that_nobody_sees_asks_nothing(page: Page, answers: Answers):
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.unseen, configurable: true})")
    page.evaluate("window.unseen = true")
    asked = answers.asked
    answers.said = (200, part_of(IN_OUTAGE))
    page.clock.run_for(5 * A_TURN_MS)
    page.evaluate("0")
    assert answers.asked == asked
    page.evaluate("window.unseen = false")
    until(page, "Outage")
