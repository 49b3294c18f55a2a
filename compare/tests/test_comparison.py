"""Models side by side: every figure is the one that the other pages show, and nothing is best by accident."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from catalog.models import AIModel, Price
from catalog.tests.factories import make_price
from compare.table import Cell, Comparison, Row
from compare.tests.given import compare, make_served, measure, three
from probes.tests.factories import make_pop
from status.kept import kept_board

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def row(comparison: Comparison, key: str) -> Row:
    found = comparison.row(key)
    assert found is not None, key
    return found


def written(comparison: Comparison, key: str) -> list[str]:
    return [str(cell.written) for cell in row(comparison, key).cells]


def missing(comparison: Comparison, key: str) -> list[str]:
    return [cell.missing for cell in row(comparison, key).cells]


def test_three_models_with_what_is_known_best_and_missing_of_each(now: datetime):
    three(now)
    found = compare("ant", "bee", "p-cat--cat", now=now)
    assert [column.endpoint for column in found.columns] == ["p-ant--ant", "p-bee--bee", "p-cat--cat"]
    assert [column.state for column in found.columns] == ["operational", "operational", ""]
    assert [group.section.key for group in found.groups] == [
        "specification", "price", "api", "performance", "operation",
    ]  # fmt: skip
    assert written(found, "context_window") == ["200,000", "1,000,000", "—"]
    assert row(found, "context_window").best == {1}
    assert missing(found, "context_window") == ["", "", "not_stated"]
    assert written(found, "released") == ["2026-01-02", "—", "—"]
    assert not row(found, "released").best
    assert written(found, "reasoning") == ["yes", "no", "—"]
    assert written(found, "open_weights") == ["no", "yes", "—"]
    assert written(found, "input") == ["$2.00", "$1.00", "—"]
    assert row(found, "input").best == {1}
    assert missing(found, "input")[2] == "no_price"
    # The same output price is nobody's best; blended: (3 × 2 + 8) ÷ 4 and (3 × 1 + 8) ÷ 4.
    assert not row(found, "output").best
    assert written(found, "blended") == ["$3.50", "$2.75", "—"]
    assert written(found, "p50") == ["900", "400", "—"]
    assert row(found, "p50").best == {1}
    assert written(found, "availability") == ["100", "100", "—"]
    assert missing(found, "availability") == ["", "", "not_watched"]
    assert missing(found, "speed") == ["no_long_answer", "no_long_answer", "not_watched"]
    assert found.row("batch_input") is None
    assert found.simulated


def test_the_figures_are_those_of_the_board_with_what_they_rest_on(now: datetime):
    three(now)
    board = {line.slug: line for line in kept_board("seoul", now=now).endpoints}
    found = compare("ant", "bee", region="seoul", now=now)
    for key, field in (("p95", "p95_ms"), ("error_rate", "error_rate_pct"), ("samples", "samples")):
        for column, cell in zip(found.columns, row(found, key).cells, strict=True):
            line = board[column.endpoint]
            assert cell.value == getattr(line, field)
            about = cell.provenance
            assert about is not None
            assert (about.samples, about.window_s, about.region) == (line.samples, line.window_s, "seoul")
            assert (about.tier, about.last_at) == ("B", line.last_sample_at)
    elsewhere = compare("ant", "bee", region="tokyo", now=now)
    assert missing(elsewhere, "p95") == ["no_worker", "no_worker"]


def test_reachability_never_beats_inference(now: datetime):
    make_pop(now=now)
    for name in ("ant", "bee"):
        measure(make_served(name), "+" * 25, total_ms=900, now=now)
    measure(make_served("cat", tiers="A"), "+" * 25, total_ms=20, now=now)
    found = row(compare("ant", "bee", "cat", now=now), "p50")
    assert [cell.extra["tier"] for cell in found.cells] == ["B", "B", "A"]
    assert not found.best
    assert found.apart == {2}


def test_what_is_invented_competes_with_nothing_real(now: datetime):
    ant, bee, cat = (make_served(name) for name in ("ant", "bee", "cat"))
    for endpoint, rate in ((ant, 3), (bee, 2), (cat, 1)):
        make_price(endpoint, input_usd_per_mtok=Decimal(rate))
    AIModel.objects.filter(pk__in=[ant.model_id, bee.model_id]).update(simulated=False)
    found = row(compare("ant", "bee", "cat", now=now), "input")
    assert found.best == {1}
    assert found.apart == {2}


def test_incidents_of_90_days_say_how_many_of_them_anybody_looked(half_past_noon: datetime):
    three(half_past_noon)
    (looked, never) = row(compare("ant", "cat", now=half_past_noon), "incidents").cells
    assert (looked.value, never.missing) == (0, "not_watched")
    assert looked.provenance is not None
    assert str(looked.provenance.note) == "Measured on 1 day of the last 90."


def test_prices_that_hold_under_a_condition_are_told_and_never_the_standard_ones(now: datetime):
    ant = make_served("ant")
    make_price(ant, tier="over_200k", input_usd_per_mtok=Decimal(4), output_usd_per_mtok=Decimal(12))
    make_price(ant, tier="batch", input_usd_per_mtok=Decimal(1), output_usd_per_mtok=Decimal(4))
    found = compare("ant", now=now)
    assert missing(found, "input") == ["no_price"]
    assert written(found, "batch_input") == ["$1.00"]
    (told,) = row(found, "steps").cells
    assert told.value[0]["input_usd_per_mtok"] == "4"
    assert "200,000" in str(told.written)
    assert "$4.00" in str(told.written)
    with translation.override("ko"):
        assert "200,000" in str(told.items[0]["text"])
        assert str(told.written) != told.items[0]["text"] or "토큰" in str(told.written)


def test_a_price_names_its_source_and_when_it_was_read(now: datetime):
    three(now)
    (cell, *_others) = row(compare("ant", now=now), "input").cells
    assert cell.provenance is not None
    assert (cell.value, cell.extra["currency"]) == ("2", "USD")
    assert (cell.provenance.kind, cell.provenance.source_name) == ("cited", "models.dev")
    assert cell.provenance.source_url.startswith("https://")
    assert cell.provenance.seen_at in set(Price.objects.values_list("retrieved_at", flat=True))


def test_how_an_endpoint_is_called_is_told_without_a_key(now: datetime):
    real = make_served("ant")
    real.__class__.objects.filter(pk=real.pk).update(base_url="https://api.test/v1", simulated=False)
    real.model.__class__.objects.filter(pk=real.model_id).update(simulated=False)
    found = compare("ant", now=now)
    assert written(found, "address") == ["POST https://api.test/v1/chat/completions"]
    assert written(found, "auth") == ["Authorization: Bearer <key>"]
    assert written(found, "headers") == ["none"]
    assert missing(found, "limits") == ["no_limits"]


def test_one_model_alone_differs_in_nothing_and_is_best_at_nothing(now: datetime):
    three(now)
    found = compare("ant", now=now)
    assert not any(one.best or one.differs for one in found.rows)


def test_only_differences_leaves_out_what_is_alike(now: datetime):
    three(now)
    found = compare("ant", "bee", only_differences=True, now=now)
    shown = {one.line.key for group in found.shown_groups for one in group.rows}
    assert "input" in shown
    assert "output" not in shown
    assert all(one.differs for group in found.shown_groups for one in group.rows)


def test_every_empty_cell_says_why_in_both_languages(now: datetime):
    three(now)
    empty = [cell for one in compare("ant", "bee", "cat", now=now).rows for cell in one.cells if cell.missing]
    assert empty
    for cell in empty:
        assert isinstance(cell, Cell)
        assert (cell.value, str(cell.written)) == (None, "—")
        assert cell.why
        with translation.override("ko"):
            assert any("가" <= letter <= "힣" for letter in cell.why), cell.missing


def test_incidents_count_overlaps_once(now: datetime):
    from status.held import _together

    hour = timedelta(hours=1)
    spans = [(now - 3 * hour, now - hour), (now - 2 * hour, now), (now - 9 * hour, now - 8 * hour)]
    assert _together(spans) == 4 * hour
