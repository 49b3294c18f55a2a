"""What a request costs, through the prices, the API and the page."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Creator
from catalog.selectors import model_detail
from catalog.tests.factories import make_endpoint as make_real
from catalog.tests.factories import make_model, make_price
from compare.costing import counting
from compare.costing.kept import kept_offers
from compare.costing.reckoning import LEAST_ANSWERS
from probes.tests.factories import make_endpoint, make_result
from probes.timeseries import rows

pytestmark = pytest.mark.django_db
TEXT = "안녕하세요, 한 문장만 세어 주세요."


@pytest.fixture(autouse=True)
def _no_process(monkeypatch):
    """Known counts: the vocabularies take seconds to load (test_costing_counting.py counts by them)."""

    class Client:
        def count(self, text, names):
            known = {"o200k_base": 17, "cl100k_base": 21, "deepseek": 15, "tekken": 19, "gemma3": 14}
            return {name: known.get(name) for name in names}

    monkeypatch.setattr("compare.costing.table.client", Client)


def make_priced(slug="gpt-4.1", creator="openai", **price):
    model = make_model(slug, functions=["chat"], name=slug.upper())
    endpoint = make_real("openai", model)
    make_price(endpoint, **price)
    return endpoint


def ask(client, query="", **options):
    answer = client.get(f"/api/v1/cost?{query}", **options)
    return answer, answer.json()


def test_the_price_that_holds_now_is_reckoned_with_its_source(client):
    now = timezone.now()
    endpoint = make_priced(valid_from=now - timedelta(days=9), valid_to=now + timedelta(hours=1))
    row = make_price(
        endpoint,
        input_usd_per_mtok=Decimal(100),
        valid_from=now + timedelta(hours=1),
        source_url="https://x.test/p",
    )
    _, body = ask(client, "models=gpt-4.1&input_tokens=1000&output_tokens=500&requests_per_day=10")
    (line,) = body["results"]
    assert (line["request_usd"], line["day_usd"], line["month_usd"]) == ("0.006", "0.06", "1.8")
    assert line["parts"][0] == {
        "part": "input", "tokens": 1000, "usd_per_mtok": "2", "rate": "input", "usd": "0.002",
    }  # fmt: skip
    assert line["prices"][0]["source_name"] == "models.dev"
    assert line["provenance"]["kind"] == "computed"
    # The kept prices end when the announced one begins.
    assert kept_offers(now=now).value.changes_at == row.valid_from


def test_a_corrected_price_is_not_reckoned(client):
    endpoint = make_priced(struck_at=timezone.now())
    make_price(endpoint, input_usd_per_mtok=Decimal(3), output_usd_per_mtok=Decimal(9))
    _, body = ask(client, "models=openai--gpt-4.1&input_tokens=1000&output_tokens=0")
    assert body["results"][0]["request_usd"] == "0.003"


def test_a_models_slug_stands_for_its_makers_main_provider_as_it_does_elsewhere(client):
    model = make_model(
        "gemini-9", creator=Creator.objects.create(slug="google", name="Google"), functions=["chat"]
    )
    make_price(make_real("google-vertex", model, watched=True))
    make_price(make_real("google", model))
    _, body = ask(client, "models=gemini-9&input_tokens=1")
    assert [line["endpoint"] for line in body["results"]] == [model_detail("gemini-9").chosen.slug]


def test_what_our_probes_measured_of_reasoning_is_counted(client):
    endpoint = make_endpoint(model="nimbus-1", reasoning=True)
    make_price(endpoint)
    now = timezone.now()
    stored = [
        make_result(
            endpoint, tier="C", at=now - timedelta(hours=n + 1), output_tokens=300, reasoning_tokens=200
        )
        for n in range(LEAST_ANSWERS)
    ]
    stored.append(
        make_result(endpoint, tier="B", at=now - timedelta(hours=1), output_tokens=9, reasoning_tokens=8)
    )
    stored.append(
        make_result(endpoint, "truncated", tier="C", at=now - timedelta(minutes=1), output_tokens=9)
    )
    rows.write(stored)
    _, body = ask(client, "models=nimbus-1&input_tokens=0&output_tokens=100")
    (line,) = body["results"]
    assert line["reasoning"]["ratio"] == 2.0
    assert line["reasoning"]["provenance"]["samples"] == LEAST_ANSWERS
    assert (line["tokens"]["reasoning"], line["request_usd"]) == (200, "0.0024")
    assert body["simulated"] is True


def test_the_cheapest_stands_first_and_the_unpriced_last(client):
    make_priced("b", input_usd_per_mtok=Decimal(1))
    make_priced("a")
    silent = make_real("openai", make_model("c", functions=["chat"]))
    _, body = ask(client)
    assert [line["model"] for line in body["results"]] == ["b", "a"]
    _, body = ask(client, f"models=a,b,{silent.slug}")
    assert [(line["model"], line["missing"]) for line in body["results"]] == [
        ("b", None), ("a", None), ("c", "no-price"),
    ]  # fmt: skip


def test_filters_leave_what_they_say_and_free_ones_are_counted(client):
    make_priced("paid")
    make_priced("free", input_usd_per_mtok=Decimal(0), output_usd_per_mtok=Decimal(0))
    reseller = make_real("reseller", make_model("sold", functions=["chat"]))
    make_price(reseller)
    make_price(make_real("openai", make_model("vector", functions=["embedding"])))
    _, body = ask(client)
    assert ([line["model"] for line in body["results"]], body["free_left_out"]) == (["paid"], 1)
    _, body = ask(client, "free=1&offers=all&sort=name")
    assert [line["model"] for line in body["results"]] == ["free", "paid", "sold"]
    _, body = ask(client, "offers=all&provider=reseller")
    assert [line["model"] for line in body["results"]] == ["sold"]
    _, body = ask(client, "q=오픈에이아이 paid")
    assert [line["model"] for line in body["results"]] == ["paid"]


def test_the_rates_of_a_region_are_chosen_by_its_name(client):
    endpoint = make_priced()
    make_price(endpoint, region_scope="seoul", input_usd_per_mtok=Decimal(3))
    query = "models=gpt-4.1&input_tokens=1000&output_tokens=0"
    assert ask(client, query)[1]["results"][0]["request_usd"] == "0.002"
    assert ask(client, f"{query}&region=seoul")[1]["results"][0]["request_usd"] == "0.003"
    _, body = ask(client, f"{query}&region=mars")
    assert (body["parameter"], body["accepted"]) == ("region", "one of: all, seoul")


@pytest.mark.parametrize(
    ("query", "parameter", "value"),
    [
        ("cache_pct=140", "cache_pct", "140"),
        ("tokens=5", "tokens", "5"),
        ("models=gpt-9", "models", "gpt-9"),
        ("models=a,b,c,d,e", "models", "e"),
        ("models=vector", "models", "vector"),
    ],
)
def test_wrong_input_is_a_problem_that_names_it(client, query, parameter, value):
    for slug in "abcde":
        make_priced(slug)
    make_price(make_real("openai", make_model("vector", functions=["embedding"])))
    answer, body = ask(client, query)
    assert answer.status_code == 400
    assert (body["parameter"], body["value"]) == (parameter, value)
    assert body["accepted"]


def post(client, body):
    return client.post("/api/v1/cost", json.dumps(body), content_type="application/json")


def test_a_text_is_counted_as_its_model_does_or_estimated(client):
    make_priced("gpt-4.1")
    make_priced("unheard-of")
    answer = post(client, {"text": TEXT, "models": ["gpt-4.1", "unheard-of"], "output_tokens": 0})
    body = answer.json()
    by_model = {line["model"]: line for line in body["results"]}
    assert by_model["gpt-4.1"]["tokens"]["input"] == 17
    assert by_model["gpt-4.1"]["token_count"]["how"] == "exact"
    assert by_model["gpt-4.1"]["token_count"]["source_version"] == "tiktoken 0.14.0"
    estimate = by_model["unheard-of"]
    assert (estimate["tokens"]["input"], estimate["token_count"]["how"]) == (16, "estimate")
    assert estimate["token_count"]["error_pct"] > 0
    assert Decimal(estimate["request_low_usd"]) < Decimal(estimate["request_usd"])
    assert (body["counted"]["script"], body["counted"]["by_vocabulary"]["o200k_base"]) == ("ko", 17)
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ({"text": "가" * 66_667}, 400, "text"),
        ({"text": 5}, 400, "text"),
        ({"models": [1]}, 400, "models"),
        ({"input_tokens": -1}, 400, "input_tokens"),
        ({"limit": 0}, 400, "limit"),
        ({"colour": "red"}, 400, "colour"),
        ([], 400, "body"),
    ],
)
def test_a_wrong_body_is_a_problem_that_names_it(client, body, status, parameter):
    answer = post(client, body)
    assert (answer.status_code, answer.json()["parameter"]) == (status, parameter)


def test_texts_are_counted_so_often_from_one_address(client, one_moment):
    make_priced()
    answers = [post(client, {"text": "x"}).status_code for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_questions_do_not_grow_with_rows(client, django_assert_num_queries):
    for slug in "ab":
        make_priced(slug)
    make_price(make_endpoint())
    with django_assert_num_queries(3):
        ask(client)
    with django_assert_num_queries(0):
        ask(client, "sort=name")


def test_the_sheet_has_where_each_cost_is_from(client):
    make_priced()
    text = client.get("/api/v1/cost.csv").content.decode("utf-8-sig")
    head, line = text.splitlines()
    assert head.startswith("endpoint,model,provider,request_usd")
    assert ",models.dev,https://models.dev," in line


def test_the_page_shows_costs_without_javascript(client):
    make_priced("gpt-4.1", source_url="https://openai.test/prices")
    page = client.get("/cost/?input_tokens=1000&output_tokens=500&requests_per_day=1000").content.decode()
    assert "$180.00" in page
    assert "1,000 × $2 + 500 × $8" in page
    assert "https://openai.test/prices" in page


def test_a_form_without_text_leads_to_its_address(client):
    make_priced()
    answer = client.post("/cost/", {"text": " ", "input_tokens": "2000", "models": ["gpt-4.1"], "page": "3"})
    assert (answer.status_code, answer["Location"]) == (302, "/cost/?models=gpt-4.1&input_tokens=2000&page=3")
    answer = client.post("/cost/", {"clear": "1", "models": ["gpt-4.1"]})
    assert answer["Location"] == "/cost/"


def test_a_text_is_shown_again_counted_and_nowhere_else(client):
    make_priced()
    answer = client.post("/cost/", {"text": "<b>비밀</b>", "models": ["gpt-4.1"]})
    page = answer.content.decode()
    assert "&lt;b&gt;비밀&lt;/b&gt;</textarea>" in page
    assert "<b>비밀" not in page
    assert answer["Cache-Control"] == "private, no-store"
    sheet = client.post("/cost/", {"text": "비밀", "models": ["gpt-4.1"], "as": "csv"})
    assert "exact,o200k_base" in sheet.content.decode()
    assert "비밀" not in sheet.content.decode()


def test_the_page_says_what_it_left_out(client):
    make_priced()
    page = client.get("/cost/?models=gpt-4.1,gpt-4.2&cache_pct=900&sample=ko").content.decode()
    assert "No model or endpoint is called gpt-4.2" in page
    assert "cache_pct=900 is not accepted" in page
    too_long = client.post("/cost/", {"text": "가" * 70_000}).content.decode()
    assert "The text is too long (210,000 bytes)" in too_long


def test_without_the_counting_process_the_given_number_is_reckoned(client, monkeypatch):
    class Dead:
        def count(self, text, names):
            raise counting.CountingFailed("gone")

    monkeypatch.setattr("compare.costing.table.client", Dead)
    make_priced()
    page = client.post(
        "/cost/", {"text": "x", "models": ["gpt-4.1"], "input_tokens": "1000"}
    ).content.decode()
    assert "The text could not be counted just now" in page
    assert "$180.00" in page


def test_simulated_endpoints_are_left_out_where_nothing_is_simulated(client, settings):
    make_price(make_endpoint())
    settings.SIMULATION = False
    assert ask(client, "offers=all")[1]["count"] == 0
