"""What sources call models, and what people make of it."""

import datetime as dt

import pytest
from django.contrib.auth.models import User

from benchmarks.matching import Catalogue, Known, Names
from benchmarks.models import ModelAlias, Score
from benchmarks.services.aliases import accept_name, propose_names, reject_name
from benchmarks.tests.factories import make_model, make_score, make_source

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
KNOWN = (
    "gpt-4.1",
    "gpt-4.1-mini",
    "claude-sonnet-4-5",
    "llama-3.1-8b-instruct",
    "llama-3.1-70b-instruct",
    "o3",
    "phi-4",
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(Known(slug, (slug, slug.replace("-", " ").title())) for slug in KNOWN)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("label", "best", "reason"),
    [
        ("GPT-4.1", "gpt-4.1", "same_name"),
        ("gpt 4.1", "gpt-4.1", "same_name"),
        ("Claude Sonnet 4 5", "claude-sonnet-4-5", "same_name"),
        ("o3 (high)", "o3", "same_name"),
        ("Meta-Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct", "similar"),
    ],
)
def test_a_name_is_proposed_with_its_reason(catalogue: Catalogue, label: str, best: str, reason: str) -> None:
    first = catalogue.propose(label)[0]
    assert (first.slug, first.reason) == (best, reason)


@pytest.mark.only_on("sqlite")
def test_nothing_like_it_proposes_nothing(catalogue: Catalogue) -> None:
    assert catalogue.propose("Baichuan2-13B-Base") == []


@pytest.mark.only_on("sqlite")
def test_another_size_or_version_is_less_like_it(catalogue: Catalogue) -> None:
    likeness = {one.slug: one.likeness for one in catalogue.propose("Llama 3.1 8B Instruct (base)")}
    assert likeness["llama-3.1-8b-instruct"] > likeness.get("llama-3.1-70b-instruct", 0)


@pytest.mark.only_on("sqlite")
def test_a_name_stands_for_its_maker() -> None:
    names = Names([("Nova", "Amazon", 1), ("Nova", "Somebody", 2), ("one", "Maker", 3), ("any", "", 4)])
    assert names.find("NOVA", "amazon") == 1
    assert names.find("Nova", "") is None  # two models
    assert names.find("one", "") == 3
    assert names.find("one", "Another") is None
    assert names.find("any", "Whoever") == 4


@pytest.fixture
def waiting(db: None) -> Score:
    make_model("gpt-4.1")
    return make_score(
        model=None, label="GPT 4.1", maker="OpenAI", state="draft", published_at=None,
        source=make_source("theirs", trusted=True),
    )  # fmt: skip


def test_an_editor_accepts_a_proposal_and_the_scores_are_joined(waiting: Score) -> None:
    assert propose_names(now=NOW) == 1
    assert propose_names(now=NOW) == 0
    alias = ModelAlias.objects.get()
    assert (alias.state, alias.how, str(alias.model)) == ("proposed", "same_name", "gpt-4.1")
    waiting.refresh_from_db()
    assert waiting.model is None  # a proposal joins nothing
    editor = User.objects.create_user("edith")
    assert accept_name(alias, by=editor, now=NOW) == 1
    waiting.refresh_from_db()
    assert (str(waiting.model), waiting.state) == ("gpt-4.1", "published")
    assert (alias.state, alias.decided_by, alias.decided_at) == ("accepted", editor, NOW)


def test_a_rejected_name_keeps_its_scores_listed(waiting: Score) -> None:
    propose_names(now=NOW)
    alias = ModelAlias.objects.get()
    reject_name(alias, by=User.objects.create_user("edith"), now=NOW)
    assert (alias.state, alias.model) == ("rejected", None)
    assert propose_names(now=NOW) == 0  # and is not proposed again
    assert Score.objects.unmatched().count() == 1


def test_a_base_model_is_not_filled_in_as_the_one_for_chat(waiting: Score) -> None:
    Score.objects.update(label="GPT 4.1 (base)")
    propose_names(now=NOW)
    alias = ModelAlias.objects.get()
    assert (alias.model, alias.note[:7]) == (None, "gpt-4.1")  # told, but not filled in
