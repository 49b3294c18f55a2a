"""Frozen figures: the same ones later, whatever has changed since, in either language, and never altered."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone, translation
from hypothesis import given, settings
from hypothesis import strategies as st

from aigo.lib.provenance import Provenance
from benchmarks.models import Score
from benchmarks.tests.factories import make_score
from catalog.models import Price
from catalog.services.prices import correct_price
from compare.asking import CompareWish
from compare.keeping_views import FreezeThrottle
from compare.kept import load_frozen
from compare.lines import LINES, SECTIONS, suite_line
from compare.models import FrozenComparison, SavedComparison
from compare.services.freezing import Unfreezable, freeze
from compare.services.saving import Unsaveable, forget_comparison, save_comparison
from compare.table import (
    Cell,
    Column,
    Comparison,
    Group,
    Row,
    comparison_from_json,
    comparison_json,
)
from compare.tests.given import compare, three
from compare.tongues import lazily
from editorial import services as editorial

pytestmark = [pytest.mark.only_on("sqlite")]

words = st.text("abc 가나.%{}", max_size=12)
moments = st.integers(10**9, 2 * 10**9).map(lambda s: datetime.fromtimestamp(s, UTC))
plain = st.none() | st.booleans() | st.integers(-9, 10**9) | st.floats(0, 1e6, allow_nan=False) | words


@st.composite
def texts(draw: Any) -> Any:
    """The same in both languages, or not."""
    english, korean = draw(words), draw(words)
    if draw(st.booleans()):
        return english
    return lazily(lambda: korean if translation.get_language() == "ko" else english)


provenances = st.builds(
    Provenance,
    st.sampled_from(["measured", "counted", "cited", "computed"]),
    samples=st.none() | st.integers(0, 10**6),
    window_s=st.none() | st.integers(1, 10**7),
    region=st.sampled_from(["", "all", "seoul"]),
    last_at=st.none() | moments,
    tier=st.sampled_from(["", "A", "B"]),
    source_name=texts(),
    source_url=words,
    seen_at=st.none() | moments,
    simulated=st.booleans(),
    note=texts(),
    rule=st.sampled_from(["", "cost", "benchmarks"]),
)
cells = st.builds(
    Cell,
    plain | st.lists(plain, max_size=2) | st.dictionaries(words, plain, max_size=2),
    texts(),
    st.none() | provenances,
    st.sampled_from(["", "not_stated", "no_price"]),
    st.dictionaries(words, plain, max_size=3),
)
lines = st.sampled_from(LINES) | st.builds(
    suite_line, words, words, texts(), unit=st.sampled_from(["", "%"]), higher_is_better=st.booleans()
)
places = st.frozensets(st.integers(0, 3), max_size=4)
rows = st.builds(
    Row, lines, st.lists(cells, min_size=1, max_size=4).map(tuple), places, st.booleans(), places
)
columns = st.builds(
    Column, *[words] * 5, st.dictionaries(words, words, max_size=2), words, st.booleans(), *[words] * 4
)
comparisons = st.builds(
    Comparison,
    st.builds(
        CompareWish,
        st.lists(words, max_size=4).map(tuple),
        st.sampled_from(["all", "seoul"]),
        st.sampled_from(["sota", "minmax", "raw"]),
        st.booleans(),
    ),
    st.lists(columns, max_size=4).map(tuple),
    st.lists(
        st.builds(Group, st.sampled_from(SECTIONS), st.lists(rows, max_size=3).map(tuple)), max_size=3
    ).map(tuple),
    st.lists(texts(), max_size=3).map(tuple),
    moments,
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(comparisons)
def test_json_and_back_loses_nothing_in_either_language(comparison: Comparison):
    body = comparison_json(comparison)
    kept = json.loads(json.dumps(body))
    back = comparison_from_json(kept)
    assert comparison_json(back) == kept == body
    for language in ("en", "ko"):
        with translation.override(language):
            assert back == comparison


def test_a_body_of_another_version_is_refused():
    body = comparison_json(Comparison(CompareWish(), (), (), (), datetime.now(UTC)))
    with pytest.raises(ValueError, match="version 2"):
        comparison_from_json(body | {"version": 2})


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def posted(client: Client, **form: str) -> Any:
    return client.post("/compare/freeze", form)


def figures(client: Client, address: str) -> dict[str, list[str]]:
    """Key of a row → what its cells say."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return {row["key"]: [cell["written"]["en"] for cell in row["cells"]] for row in answer.json()["rows"]}


def publish_score(score: Score, now: datetime) -> None:
    """On the way that editors go."""
    author, editor = (User.objects.create_superuser(name) for name in ("author", "editor"))
    for move, by in (("submit", author), ("approve", editor), ("publish", editor)):
        editorial.move(score, move, by=by, now=now)


@pytest.mark.django_db
def test_an_as_of_link_keeps_its_figures_across_a_price_change_and_a_new_score(
    client: Client, now: datetime, django_capture_on_commit_callbacks: Any
):
    """Through the services that change them: what is new is seen at once, what was frozen stays."""
    ant, _bee, _cat = three(now)
    make_score("mmlu", ant.model, 80)
    answer = posted(client, models="ant,bee")
    assert answer.status_code == 303
    token = answer["Location"].removeprefix("/compare/as-of/").strip("/")
    frozen = f"/api/v1/compare/as-of/{token}"
    told = client.get(frozen).json()
    before = figures(client, frozen)
    assert before == figures(client, "/api/v1/compare?ids=ant,bee")
    assert (before["input"], before["suite:mmlu"]) == (["$2.00", "$1.00"], ["100.0", "—"])

    rates = {"input_usd_per_mtok": Decimal(5), "output_usd_per_mtok": Decimal(20)}
    source = {"source_name": "the provider", "source_url": "https://p-ant.test/prices"}
    connection.run_on_commit.clear()  # what waits there is never committed in a test, and tells nobody
    with django_capture_on_commit_callbacks(execute=True):
        correct_price(Price.objects.get(endpoint=ant), rates, reason="misread", now=now, **source)
        publish_score(make_score("gsm8k", ant.model, 91, state="draft", published_at=None), now)
    today = figures(client, "/api/v1/compare?ids=ant,bee")
    assert (today["input"], today["output"]) == (["$5.00", "$1.00"], ["$20.00", "$8.00"])
    assert today["suite:gsm8k"] == ["100.0", "—"]
    assert client.get(frozen).json() == told
    assert "suite:gsm8k" not in before
    assert told["frozen"]["token"] == token
    assert told["address"] == "/compare/?models=ant,bee"


@pytest.mark.django_db
def test_the_same_figures_of_a_day_are_one_row_and_others_are_another(now: datetime):
    three(now)
    first = freeze(compare("ant", "bee", now=now), now=now)
    comparison = compare("ant", "bee", now=now)
    assert freeze(comparison, now=now + timedelta(seconds=1)) == first
    later = replace(comparison, generated_at=comparison.generated_at + timedelta(days=1))
    assert freeze(later, now=now) != first
    assert freeze(compare("bee", "ant", now=now), now=now) != first
    assert (first.address, first.made_at) == ("models=ant,bee", now)
    with pytest.raises(Unfreezable):
        freeze(compare(now=now), now=now)


@pytest.mark.django_db
def test_a_frozen_comparison_reads_in_the_readers_language(now: datetime):
    three(now)
    with translation.override("ko"):
        row = freeze(compare("ant", "cat", now=now), now=now)
    found = load_frozen(row.token)
    assert found is not None
    line = found.row("context_window")
    assert line is not None
    with translation.override("en"):
        assert (str(line.line.label), str(line.line.unit)) == ("Context window", "tokens")
        assert line.cells[1].why == "The source of the catalogue does not state it."
    with translation.override("ko"):
        assert (str(line.line.label), str(line.line.unit)) == ("컨텍스트 창", "토큰")
    assert load_frozen("nothing") is None
    assert load_frozen("nul\0") is None


@pytest.mark.django_db
def test_freezing_is_bounded_and_says_what_it_cannot_keep(client: Client, monkeypatch: pytest.MonkeyPatch):
    assert posted(client)["Location"] == "/compare/"
    assert posted(client, models="nobody")["Location"] == "/compare/"
    assert posted(client, query="x" * 20_000).status_code == 413
    assert client.get("/compare/freeze").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/compare/freeze").status_code == 403
    three(timezone.now())
    monkeypatch.setattr(FreezeThrottle, "rate", "1/hour")
    other = Client(REMOTE_ADDR="192.0.2.77")
    assert posted(other, models="ant")["Location"].startswith("/compare/as-of/")
    assert posted(other, query="models=bee")["Location"] == "/compare/?models=bee"
    assert FrozenComparison.objects.count() == 1


@pytest.mark.django_db
def test_a_comparison_is_saved_under_a_name_that_leads_to_one(client: Client, now: datetime):
    three(now)
    user = User.objects.create_user("reader")
    row, new = save_comparison(name="  My  two ", address="models=ant,bee", by=user, now=now)
    assert (row.name, new) == ("My two", True)
    again, new = save_comparison(name="MY TWO", address="models=ant", by=user, now=now)
    assert (again.pk, again.address, new) == (row.pk, "models=ant", False)
    for name, address in (("", "models=ant"), ("x" * 61, "models=ant"), ("Empty", "")):
        with pytest.raises(Unsaveable):
            save_comparison(name=name, address=address, by=user, now=now)
    assert forget_comparison(pk=row.pk, by=User.objects.create_user("other")) is None
    assert client.post("/compare/saved/", {"query": "models=ant", "name": "A"})["Location"] == (
        "/accounts/login/?next=%2Fcompare%2F%3Fmodels%3Dant"
    )
    client.force_login(user)
    assert client.post("/compare/saved/", {"query": "models=ant,nobody", "name": "A"}).status_code == 303
    saved = SavedComparison.objects.get(name="A")
    assert saved.address == "models=ant"
    client.post(f"/compare/saved/{saved.pk}/delete", {"query": "models=ant"})
    assert not SavedComparison.objects.filter(name="A").exists()
