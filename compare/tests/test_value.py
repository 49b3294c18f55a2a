"""Price, quality and speed: which models are drawn and why others are not, where they stand, the front."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from benchmarks.tests.factories import make_model, make_score, make_suite
from catalog.models import AIModel
from catalog.tests.factories import make_endpoint, make_price
from compare.tests.given import make_served, measure
from compare.value.asking import ValueWish, asked
from compare.value.drawing import ValueDrawing
from compare.value.kept import kept_asked, kept_value
from compare.value.points import Value
from probes.tests.factories import make_pop

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def _sold(model: AIModel, provider: str, given: str, received: str, **facts):
    endpoint = make_endpoint(provider, model, **facts)
    make_price(endpoint, input_usd_per_mtok=Decimal(given), output_usd_per_mtok=Decimal(received))
    return endpoint


@pytest.fixture
def market():
    """ant: dear and best. bee: cheaper. cow: dearer than bee and worse. dog: another
    setting, best of all. elk: free. fox: no price. gnu: sold by nobody. bee is sold twice."""
    suite = make_suite("quiz", reference_setting="shots=5")
    figures = {"ant": 90, "bee": 80, "cow": 70, "elk": 60, "fox": 50, "gnu": 40}
    models = {name: make_model(name, creator="zoo", functions=["chat"]) for name in (*figures, "dog")}
    for name, figure in figures.items():
        make_score(suite, models[name], figure)
    make_score(suite, models["dog"], 99, setting="0-shot")
    AIModel.objects.filter(slug="ant").update(open_weights=True)
    _sold(models["ant"], "zoo", "4", "16")  # blended 7
    _sold(models["bee"], "zoo", "2", "8")  # 3.50
    _sold(models["bee"], "host", "1", "4")  # 1.75, but not its maker's
    _sold(models["cow"], "host", "4", "4")  # 4
    _sold(models["dog"], "host", "1", "1")
    _sold(models["elk"], "host", "0", "0")
    make_endpoint("zoo", models["fox"])
    cache.clear()


def value(query: str = "quality=quiz") -> Value:
    now = timezone.now()
    found = kept_asked(dict(QueryDict(query).lists()), now=now)
    assert not found.refusals
    return kept_value(found.wish, now=now).value


def placed(found: Value) -> dict[str, tuple[str, str, bool]]:
    return {
        point.line.slug: (f"{point.price:.2f}", point.quality.written, point.on_front)
        for point in found.points
    }


def test_every_model_with_a_score_is_drawn_or_counted_by_its_reason(market):
    found = value()
    assert placed(found) == {
        "zoo--ant": ("7.00", "90.0", True),
        "zoo--bee": ("3.50", "80.0", True),
        "host--dog": ("1.00", "99.0", False),
        "host--cow": ("4.00", "70.0", False),
    }
    assert found.left == {"not_served": 1, "no_price": 1, "free": 1, "filtered": 0}
    assert (found.scored, found.drawn, found.apart) == (7, 4, 1)
    assert found.scored == found.drawn + sum(found.left.values())


def test_another_setting_competes_only_where_that_is_asked_for(market):
    found = value("quality=quiz&settings=all")
    assert [slug for slug, (_price, _figure, front) in placed(found).items() if front] == ["host--dog"]


def test_every_offer_is_a_point_of_its_own(market):
    found = value("quality=quiz&offers=all")
    assert placed(found)["host--bee"] == ("1.75", "80.0", True)
    assert placed(found)["zoo--bee"] == ("3.50", "80.0", False)
    assert (found.scored, found.drawn, len(found.points)) == (7, 4, 5)
    assert found.scored == found.drawn + sum(found.left.values())


@pytest.mark.parametrize(
    ("query", "drawn", "left"),
    [
        (
            "provider=host",
            {"host--bee", "host--cow", "host--dog"},
            {"filtered": 2, "free": 1, "not_served": 1},
        ),
        ("band=2-10", {"zoo--ant", "zoo--bee", "host--cow"}, {"filtered": 3, "not_served": 1}),
        ("open=yes", {"zoo--ant"}, {}),
        ("q=bee", {"zoo--bee"}, {}),
        ("creator=zoo&function=chat&price=output", {"zoo--ant", "zoo--bee", "host--cow", "host--dog"}, None),
    ],
)
def test_filters_leave_what_they_say_and_count_the_rest(market, query, drawn, left):
    found = value(f"quality=quiz&{query}")
    assert {point.line.slug for point in found.points} == drawn
    assert found.scored == found.drawn + sum(found.left.values())
    if left is not None:
        assert {reason: count for reason, count in found.left.items() if count} == left


def test_facets_count_what_a_value_alone_would_draw(market):
    found = value()
    assert found.facets["provider"] == {"zoo": 2, "host": 3}
    assert len(value("quality=quiz&provider=host").points) == 3
    assert found.facets["band"]["2-10"] == 3


def test_a_composite_of_too_few_suites_draws_nobody(market):
    assert value("").points == ()


def test_speed_is_of_the_endpoint_whose_price_is_shown():
    now = timezone.now()
    make_pop(now=now)
    ant, bee = make_served("ant"), make_served("bee")
    measure(ant, "+" * 25, total_ms=900, now=now)
    for endpoint, rate in ((ant, 4), (bee, 2)):
        make_price(endpoint, input_usd_per_mtok=Decimal(rate), output_usd_per_mtok=Decimal(rate))
        make_score("quiz", endpoint.model, 80)
    cache.clear()
    found = value("quality=quiz&speed=p95&simulated=1")
    told = {point.model.slug: point for point in found.points}
    assert told["ant"].speed.value == 900
    assert told["ant"].speed.provenance.samples == 25
    assert (told["bee"].speed.value, told["bee"].speed.missing) == (None, "no_samples")
    # bee is cheaper and as good, and nobody knows how fast it is.
    assert (told["ant"].on_front, told["ant"].on_line) == (True, False)
    assert (told["bee"].on_front, told["bee"].on_line) == (False, True)
    assert found.unmeasured == 1
    assert value("quality=quiz").points == ()  # both are invented


def test_what_is_invented_competes_with_nothing_real(market):
    now = timezone.now()
    make_pop(now=now)
    fake = make_served("fake")
    make_price(fake, input_usd_per_mtok=Decimal("0.1"), output_usd_per_mtok=Decimal("0.1"))
    make_score(make_suite("quiz"), fake.model, 100)
    cache.clear()
    found = value("quality=quiz&simulated=1")
    fronts = {point.model.slug: point.on_front for point in found.points}
    assert fronts == {"ant": True, "bee": True, "fake": False, "dog": False, "cow": False}
    assert [point.model.slug for point in found.points if point.simulated] == ["fake"]


def test_less_is_better_where_the_suite_says_so():
    suite = make_suite("errors", higher_is_better=False, reference_setting="shots=5")
    for name, figure, rate in (("ant", 10, "4"), ("bee", 30, "2"), ("cow", 40, "3")):
        model = make_model(name)
        make_score(suite, model, figure)
        _sold(model, "zoo", rate, rate)
    cache.clear()
    found = value("quality=errors")
    assert [point.model.slug for point in found.on_front] == ["ant", "bee"]
    drawing = ValueDrawing(found)
    assert drawing.y(10) < drawing.y(40)  # the better the higher on the page
    assert drawing.line.startswith("M")


def test_the_page_tells_what_is_drawn_and_what_is_not(market, client: Client, django_assert_max_num_queries):
    with django_assert_max_num_queries(24):
        page = client.get("/compare/value/?quality=quiz").content.decode()
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "4 of 7 models with a score in QUIZ have a price" in text
    assert "1 listed free of charge" in text
    assert page.count('class="value__point"') == 4
    assert 'name="models" value="zoo--ant"' in page
    assert 'href="#value-zoo--ant"' in page
    ticked = client.get("/compare/?models=zoo--ant&models=host--cow")
    assert ticked.content.decode().count('class="versus__name"') == 2


def test_an_address_that_is_not_understood_is_told(market, client: Client):
    page = client.get("/compare/value/?quality=nonsense&speed=warp&page=99&band=%00")
    assert page.status_code == 200
    assert "quality=nonsense" in page.content.decode()
    for name, given in (
        ("quality", "nonsense"),
        ("speed", "warp"),
        ("provider", "nobody"),
        ("region", "mars"),
    ):
        answer = client.get("/api/v1/value", {name: given})
        assert answer.status_code == 400
        assert (answer.json()["parameter"], answer.json()["value"]) == (name, given)
    assert client.get("/api/v1/value?colour=red").status_code == 400


def test_the_api_and_the_sheet_tell_the_same(market, client: Client):
    told = client.get("/api/v1/value?quality=quiz").json()
    assert told["counts"]["models_with_a_score"] == 7
    assert told["counts"]["left_out"] == {"not_served": 1, "no_price": 1, "free": 1, "filtered": 0}
    first = told["results"][0]
    assert (first["endpoint"], first["price_usd_per_mtok"], first["quality"]) == ("zoo--ant", "7", 90.0)
    assert first["provenance"]["price"]["source_name"] == "models.dev"
    assert first["provenance"]["quality"]["source_name"] == "A leaderboard"
    sheet = client.get("/api/v1/value.csv?quality=quiz").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert [row["endpoint"] for row in rows] == [point["endpoint"] for point in told["results"]]
    assert rows[0]["quality_source_url"] == "https://example.org/board#L1"


def test_equal_wishes_have_one_address():
    known = {"quality": ["quiz"], "creator": ["a", "b"], "provider": ["p"]}
    found = asked(dict(QueryDict("creator=b,a&quality=quiz&creator=a&speed=&price=blended").lists()), known)
    assert found.wish == ValueWish(quality="quiz", creator=("a", "b"))
    assert found.wish.address() == "/compare/value/?quality=quiz&creator=a,b"
    assert not found.refusals
