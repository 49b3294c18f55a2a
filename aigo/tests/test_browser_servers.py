"""`/servers/` in a real browser: it keeps itself up to date, by hand as well, and loses no focus."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from aigo.tests.pages import SITE, render_page, serve
from probes.scraping.figures import Disk, Figures, Gpu
from probes.servers import Card, Servers, Source, total_of
from probes.tests.serving import dcgm_figures, node_figures, vllm_figures

NOW = datetime.now(UTC)
#: Counts what is set in motion: a flash is over in a second, perhaps before anybody looks.
FLASHES = """
  window.flashes = 0
  const animate = Element.prototype.animate
  Element.prototype.animate = function (...how) { window.flashes += 1; return animate.apply(this, how) }
"""


def source(slug: str, kind: str = "vllm", **changes: Any) -> Source:
    figures = {"vllm": vllm_figures, "node": node_figures, "dcgm": dcgm_figures}[kind]()
    values: dict[str, Any] = {
        "slug": slug,
        "name": slug.title(),
        "host": "",
        "kind": kind,
        "kind_label": kind,
        "endpoint": "",
        "figures": figures,
        "at": NOW,
        "fresh": True,
        "last_tried_at": NOW,
        "failures": 0,
        "problem": "",
        "error": "",
    }
    return Source(**values | changes)


def rack(*cards: Card) -> Servers:
    return Servers(cards, total_of(cards), NOW)


def machine(letter: str, **changes: Any) -> Card:
    return Card(f"vllm-{letter}", f"Machine {letter}", (source(f"vllm-{letter}", **changes),))


def whole_machine() -> Card:
    long = "a-rather-long-name-of-a-machine-in-a-rack-in-seoul"
    gpus = tuple(Gpu(str(n), "NVIDIA H100 80GB HBM3", 97.0, 7e10, 8e10, 61.0, 512.0, 79) for n in range(8))
    disks = tuple(Disk(f"/a/long/mountpoint/{n}", 9e12, 1e12) for n in range(5))
    parts = (
        source("node", "node", figures=replace(node_figures(), disks=disks)),
        source("dcgm", "dcgm", figures=Figures(gpus=gpus)),
        source("vllm", endpoint="own--llama-3.3-70b-versatile-instruct"),
        source(
            "old",
            fresh=False,
            problem="unreachable",
            failures=12,
            error="x" * 300,
            at=NOW - timedelta(hours=2),
        ),
        source("none", at=None, fresh=False, figures=Figures()),
    )
    return Card("node", long, parts)


def render(servers: Servers, *, operator: bool = False, lang: str = "en") -> str:
    return render_page("servers/index.html", {"servers": servers, "operator": operator}, lang=lang)


def cards_of(servers: Servers) -> dict[str, Any]:
    machines = [
        {"slug": card.slug, "html": render_to_string("servers/_machine.html", {"card": card})}
        for card in servers.cards
    ]
    summary = render_to_string("servers/_summary.html", {"totals": servers.totals})
    return {"type": "servers", "data": {"summary": summary, "machines": machines}}


Show = Callable[[Servers], None]


def open_page(page: Page, servers: Servers, **given: Any) -> Show:
    """Opens the page; the function returned decides what the next poll answers."""
    troubles = serve(page, render(servers, **given))
    answers = [cards_of(servers)]
    page.route("**/servers/cards", lambda route: route.fulfill(json=answers[-1]))
    page.clock.install(time=NOW)
    page.goto(SITE + "/")
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "polling")
    assert troubles == []
    return lambda servers: answers.append(cards_of(servers))


def figure(page: Page, letter: str, name: str) -> Any:
    return page.locator(f"#machine-vllm-{letter} [data-figure={name}] [data-value]")


def test_the_page_shows_new_figures_within_a_minute_without_losing_the_focus(page: Page):
    show = open_page(page, rack(machine("a"), machine("b")))
    button = page.locator("#machine-vllm-b .samples")
    button.focus()
    panel = page.locator("#about-vllm-b")
    expect(panel).to_be_visible()
    show(rack(machine("a"), machine("b", figures=vllm_figures(requests_per_min=333.0))))
    page.clock.run_for(60_000)
    expect(figure(page, "b", "requests")).to_have_text("333")
    expect(page.locator(".totals [data-figure=requests] [data-value]")).to_have_text("453")
    expect(button).to_be_focused()
    expect(panel).to_be_visible()


def test_machines_come_go_and_keep_their_order_around_the_focused_one(page: Page):
    show = open_page(page, rack(machine("b"), machine("c")))
    button = page.locator("#machine-vllm-c .samples")
    button.focus()
    show(rack(machine("a"), machine("c"), machine("d")))
    page.clock.run_for(20_000)
    expect(page.locator(".machine h3")).to_have_text(["Machine a", "Machine c", "Machine d"])
    expect(button).to_be_focused()


def test_a_machine_that_fails_is_announced_with_its_remedy_and_keeps_its_values(page: Page):
    show = open_page(page, rack(machine("a"), machine("b")))
    failing = machine("a", problem="unreachable", failures=1, fresh=False)
    show(rack(failing, machine("b")))
    page.clock.run_for(22_000)
    expect(page.locator("[data-servers-announcer]")).to_have_text("Machine a: Cannot be read")
    expect(page.locator("#machine-vllm-a")).to_contain_text("Check that it runs")
    expect(figure(page, "a", "requests")).to_have_text("120")
    expect(page.locator("[data-servers-headline]")).to_have_text("1 of 2 machines report in full")


def test_ages_grow_while_nothing_is_read(page: Page):
    open_page(page, rack(machine("a")))
    page.clock.run_for(3 * 60_000)
    expect(page.locator("#machine-vllm-a .machine__seen time")).to_have_text("3 min. ago")


def test_the_first_server_takes_the_place_of_the_explanation(page: Page):
    show = open_page(page, rack())
    expect(page.get_by_text("For example")).to_be_visible()
    show(rack(machine("a")))
    page.clock.run_for(20_000)
    expect(page.locator(".machine")).to_have_count(1)
    expect(page.get_by_text("For example")).to_be_hidden()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"json": {"told": 1}}, "All servers have been read."),
        ({"json": {"told": None}}, "They were read a moment ago. Try again in ten seconds."),
        ({"status": 500}, "The page could not be refreshed."),
    ],
)
def test_an_operator_reads_all_without_leaving_the_page(page: Page, answer: dict[str, Any], said: str):
    show = open_page(page, rack(machine("a")), operator=True)
    asked: list[str] = []

    def refresh(route: Route) -> None:
        asked.append(route.request.method)
        show(rack(machine("a", figures=vllm_figures(queue=77.0))))
        route.fulfill(**answer)

    page.route("**/servers/refresh", refresh)
    button = page.get_by_role("button", name="Read all now")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-servers-announcer]")).to_have_text(said)
    expect(button).to_be_focused()
    assert asked == ["POST"]
    if "json" in answer:
        expect(figure(page, "a", "queue")).to_have_text("77")


def test_readers_refresh_without_leaving_the_page(page: Page):
    show = open_page(page, rack(machine("a")))
    show(rack(machine("a", figures=vllm_figures(queue=78.0))))
    link = page.get_by_role("link", name="Refresh")
    link.click()
    expect(figure(page, "a", "queue")).to_have_text("78")
    expect(page.locator("[data-servers-announcer]")).to_have_text("The page is up to date.")
    expect(link).to_be_focused()


def test_a_server_that_is_away_makes_the_page_say_so(page: Page):
    open_page(page, rack(machine("a")))
    page.route("**/servers/cards", lambda route: route.abort())
    page.clock.run_for(20_000)
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "offline")
    expect(figure(page, "a", "requests")).to_have_text("120")


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_what_changed_flashes_unless_the_reader_wants_no_motion(page: Page, motion: Any, moves: bool):
    page.emulate_media(reduced_motion=motion)
    page.add_init_script(FLASHES)
    show = open_page(page, rack(machine("a")))
    show(rack(machine("a", figures=vllm_figures(queue=79.0))))
    page.clock.run_for(20_000)
    expect(figure(page, "a", "queue")).to_have_text("79")
    assert (page.evaluate("flashes") > 0) is moves


def test_without_javascript_the_page_is_whole_and_its_panels_open(page: Page):
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    serve(plain, render(rack(machine("a")), operator=True))
    plain.goto(SITE + "/")
    form = plain.locator("form[data-servers-refresh]")
    assert (form.get_attribute("method"), form.get_attribute("action")) == ("post", "/servers/refresh")
    plain.locator("#machine-vllm-a .samples").click()
    expect(plain.locator("#about-vllm-a")).to_be_visible()
    context.close()


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_fits_every_width_and_breaks_no_policy(page: Page, lang: str):
    crowded = rack(whole_machine(), machine("a"))
    troubles = serve(page, render(crowded, operator=True, lang=lang))
    page.route("**/servers/cards", lambda route: route.fulfill(status=304))
    page.goto(SITE + "/")
    for width in (320, 360, 700, 1024, 1100, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
    assert troubles == []
