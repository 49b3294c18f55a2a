"""What the templates promise without a browser: rounding, reasons, policy, error pages."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string

from aigo.collected import without_blanks
from aigo.styleguide import TOKENS, sample_counts, sample_incident, sample_row
from aigo.templatetags import assets, cards, figures, incidents
from aigo.tests.pages import render_board, render_page, render_styleguide
from status import wording
from status.incidents import SEVERITIES
from status.rules import Reason, State
from status.wording import STATE_WORDS

TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
#: Letters know no policy, and mail programs drop style sheets.
PAGES = [path for path in TEMPLATES if path.parent.name != "mail"]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (100.0, "100"),
        (99.5, "99.50"),
        (99.499, "99.49"),
        (99.999, "99.99"),
        (0.004, "0.00"),
        (0.0, "0"),
    ],
)
def test_availability_is_cut_off_and_never_rounded_up(value: float | None, written: str):
    assert figures.pct(value) == written


@pytest.mark.parametrize(
    ("value", "written"), [(None, "—"), (1499.9, "1,499"), (1500.0, "1,500"), (96.4, "96")]
)
def test_latency_is_whole_milliseconds_cut_off(value: float | None, written: str):
    assert figures.ms(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "—"), (0.0, "0"), (0.004, "<0.01"), (2.326, "2.33"), (99.999, "100.00"), (100.0, "100")],
)
def test_a_failure_rate_is_never_rounded_down_to_none(value: float | None, written: str):
    assert figures.error_pct(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (Decimal(0), "$0.00"),
        (Decimal("2.00000000"), "$2.00"),
        (0.15, "$0.15"),
        (Decimal("0.00255"), "$0.00255"),
        (Decimal("3.09375"), "$3.09375"),
        (Decimal("0.08333333"), "$0.083333"),
        (Decimal("0.0833335"), "$0.083334"),
        (Decimal("0.00000040"), "$0.0000004"),
        (Decimal(12345), "$12,345.00"),
    ],
)
def test_a_price_is_written_as_its_source_states_it_and_never_as_none(
    value: Decimal | float | None, written: str
):
    assert figures.dollars(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        ("0", "$0"),
        ("0.00000001", "<$0.0001"),
        ("0.0001", "$0.0001"),
        ("0.12341", "$0.1235"),
        ("9.99999", "$10.0000"),
        ("1234.561", "$1,234.57"),
    ],
)
def test_money_spent_is_never_rounded_down(value: str | None, written: str):
    assert figures.spent(None if value is None else Decimal(value)) == written


@pytest.mark.parametrize(
    ("seconds", "written"), [(300, "5 minutes"), (90, "90 seconds"), (3600, "1 hour"), (0, "—")]
)
def test_a_window_is_named_in_the_largest_unit_that_fits(seconds: int, written: str):
    assert figures.window(seconds) == written


@pytest.mark.parametrize(
    ("latency_ms", "x"), [(50, 0.0), (100, 0.0), (1000, 50.0), (10_000, 100.0), (60_000, 100.0)]
)
def test_the_latency_strip_is_logarithmic_and_ends_at_ten_seconds(latency_ms: float, x: float):
    assert figures.strip_x(latency_ms) == x


@pytest.mark.parametrize(("availability", "share"), [(61.2, 0.0), (95.0, 0.0), (99.5, 0.9), (100.0, 1.0)])
def test_the_gauge_runs_from_95_to_100(availability: float, share: float):
    assert cards.gauge_share(availability) == pytest.approx(share)


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("p95", {"p95_ms": None, "samples": 12}, "Needs 20 attempts, has 12."),
        ("usage", {}, "Closed APIs publish no request rate; our own probes are not traffic."),
        ("ttft", {"ttft_p50_ms": None, "tier": "A"}, "Reachability probes receive no tokens."),
        ("p50", {"p50_ms": None, "samples": 0, "reason": "no_samples"}, "No attempt has been counted yet."),
    ],
)
def test_a_missing_figure_is_a_dash_with_its_reason(name: str, changes: dict, reason: str):
    html = render_to_string("_components/figure.html", figures.figure(name, sample_row(**changes)))
    assert text_of(html) == f"— {reason}"


def test_every_state_and_reason_of_the_rules_has_words():
    assert {state.value for state in State} == set(STATE_WORDS)
    assert {reason.value for reason in Reason} <= set(figures.REASONS)


def test_every_severity_and_every_cause_that_opens_an_incident_has_words():
    assert set(wording.SEVERITY_WORDS) == set(SEVERITIES)
    opening = (
        "confirmed_failures",
        "availability",
        "latency",
        "slow_anomaly",
        "error_anomaly",
        "provider_wide",
    )
    assert set(wording.CAUSES) == set(opening)


@pytest.mark.parametrize(("endpoints", "named", "others"), [(5, 5, 0), (6, 4, 2)])
def test_an_incident_names_few_endpoints_and_counts_the_rest(endpoints: int, named: int, others: int):
    words = tuple(map(str, range(endpoints)))
    shown = incidents.named_endpoints(sample_incident(slugs=words, names=words))
    assert (len(shown.endpoints), shown.others) == (named, others)


def test_without_an_incident_there_is_no_strip():
    assert not render_to_string("status/_incidents.html", {"incidents": ()}).strip()


def test_the_cards_show_the_counts_they_are_given():
    html = render_to_string("status/_cards.html", {"counts": sample_counts()})
    numbers = dict(re.findall(r'data-count="(\w+)".*?data-value>([\d,]+)<', html, re.DOTALL))
    assert {name: int(number) for name, number in numbers.items()} == {
        **{"total": 84, "active": 23, "operational": 20, "degraded": 2, "outage": 1, "unknown": 61},
        "available": 22,
    }
    assert "4,812 models" in html
    assert "24 of 84 watched endpoints are simulated." in text_of(html)


def test_the_state_bar_is_as_long_as_all_watched_endpoints():
    segments = figures.state_bar(sample_counts())["segments"]
    assert sum(width for _state, _x, width, _y, _height in segments) == 84
    assert [x for _state, x, *_ in segments] == [0, 1, 3, 23]


def test_the_state_bar_tells_the_states_in_greyscale():
    heights = [height for *_, y, height in figures.state_bar(sample_counts())["segments"] if y + height == 1]
    assert heights == sorted(set(heights), reverse=True)
    assert len(heights) == 4


def test_the_simulation_is_named_on_every_page_while_it_runs(settings):
    for render in (render_board, render_styleguide):
        settings.SIMULATION = True
        assert "built-in simulator" in render()
        settings.SIMULATION = False
        assert "OPENAI_API_KEY" not in render()


def test_endpoints_without_a_key_name_the_key_and_the_catalogue_facts():
    page = text_of(render_board())
    assert "SAMPLE_API_KEY" in page
    assert "128,000 0.0375 1.50 2026-04-14" in page


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "500.html"])
def test_error_pages_that_django_renders_without_context_need_none(name: str):
    html = render_to_string(name)
    assert "<h1>" in html
    assert "stylesheet" in html


@pytest.mark.parametrize("name", ["403.html", "404.html"])
def test_error_pages_within_the_site_keep_its_header(name: str):
    assert "site-header" in render_page(name, {})


@pytest.mark.parametrize("template", PAGES, ids=lambda path: path.name)
def test_no_template_needs_inline_script_or_style(template: Path):
    source = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)", source)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", source)


def test_the_policy_allows_exactly_the_import_map_that_is_printed():
    import base64
    import hashlib

    printed = re.fullmatch(r'<script type="importmap">(.*)</script>', str(assets.import_map()))
    assert printed
    digest = base64.b64encode(hashlib.sha256(printed[1].encode()).digest()).decode()
    assert assets.import_map_hash() == f"'sha256-{digest}'"


def test_a_page_names_its_modules_and_preloads_what_they_import_once():
    source = "{% load assets %}{% page_module 'main' %}{% page_module 'live' %}{% page_module 'notify' %}"
    html = Template(source).render(Context())
    scripts = re.findall(r'<script type="module" fetchpriority="low" src="/static/js/(\w+)\.js">', html)
    preloads = re.findall(r'<link rel="modulepreload" fetchpriority="low" href="/static/js/(\w+)\.js">', html)
    assert scripts == ["main", "live", "notify"]
    assert sorted(preloads) == sorted({*preloads})
    assert {*preloads} == {*(name for script in scripts for name in assets.imports_of(script))}


def test_imports_are_followed_through_modules_and_a_missing_one_is_named():
    assert {"clock", "times", "morph", "rows"} <= set(assets.imports_of("live"))
    assert "live" not in assets.imports_of("main")
    with pytest.raises(LookupError, match="nowhere"):
        assets.imports_of("nowhere")


def test_the_bundle_loses_blanks_and_comments_and_nothing_else():
    sheet = """/* a "quoted" word */
    .a > .b:not(.c) , .d { color : red ; margin: calc(1px + 2px) -1px; }
    .e::before { content: "  {kept; /* too */}  "; }
    @media (max-width: 30rem) and (pointer: coarse) { .f { gap: 0 } }"""
    assert without_blanks(sheet).strip() == (
        ".a > .b:not(.c),.d{color : red;margin: calc(1px + 2px) -1px}"
        '.e::before{content: "  {kept; /* too */}  "}'
        "@media (max-width: 30rem) and (pointer: coarse){.f{gap: 0}}"
    )


def test_a_layer_is_named_for_every_rule_that_is_not_a_font():
    for path in Path(settings.BASE_DIR, "static/css").glob("*.css"):
        source = re.sub(r"/\*.*?\*/|@font-face \{[^}]*\}", "", path.read_text(), flags=re.DOTALL)
        assert re.match(r"\s*(@layer |$)", source), path.name


def test_the_style_guide_names_every_component_and_token():
    html = render_styleguide()
    for said in (
        "state-bar",
        "provenance",
        "strip",
        "live__dot",
        "notice",
        "error-page",
        "unmeasured",
        "samples",
    ):
        assert said in html
    prose = Path(settings.BASE_DIR, "static/css/prose.css").read_text()
    assert all(f'[data-token="{token}"]' in prose for token in TOKENS)


def test_the_light_theme_redefines_tokens_only():
    css = "".join(path.read_text() for path in Path(settings.BASE_DIR, "static/css").glob("*.css"))
    rules = re.findall(r'[^\n{}]*\[data-theme="light"\][^{]*\{', css)
    assert all(":root" in rule or "theme-toggle" in rule for rule in rules), rules
