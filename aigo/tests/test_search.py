"""The search: page, type-ahead and API, over everything that has a page."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from aigo.lib.events import tell
from aigo.search import kept_search
from benchmarks.tests.factories import make_suite
from catalog.models import AIModel, Creator, Endpoint, Lifecycle, Provider
from news.models import Article, Tag
from probes.tests.factories import make_endpoint
from status.kept import keeper
from status.models import Incident, IncidentEndpoint

#: A search in memory over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]

#: Endpoints thrice, providers, models, suites; incidents and what they hold; articles, their tags, models.
INDEX_QUERIES = 11
#: What the states beside the hits cost, as on the board.
SNAPSHOT_QUERIES = 10


def make_real(provider: str, name: str, model: str, *, creator: str = "openai", **fields: Any) -> Endpoint:
    """A real endpoint that nobody watches, of a creator who has a name."""
    by, _ = Creator.objects.get_or_create(
        slug=creator, defaults={"name": fields.pop("creator_name", "OpenAI")}
    )
    row, _ = AIModel.objects.get_or_create(
        slug=model, defaults={"name": name, "creator": by, "functions": ["chat"]}
    )
    host, _ = Provider.objects.get_or_create(slug=provider, defaults={"name": fields.pop("host", provider)})
    return Endpoint.objects.create(
        slug=f"{provider}--{model}", provider=host, model=row, provider_model_id=model, **fields
    )


@pytest.fixture
def catalogue() -> None:
    make_endpoint("nimbus", "nimbus-1")
    make_real("openai", "GPT-4.1", "gpt-4.1", host="OpenAI")
    make_real("azure", "GPT-4.1", "gpt-4.1", host="Azure")
    make_real("openai", "GPT-4.1 mini", "gpt-4.1-mini")
    make_real(
        "anthropic",
        "Claude Sonnet 4.5",
        "claude-sonnet-4.5",
        creator="anthropic",
        creator_name="Anthropic",
        host="Anthropic",
    )


def make_incident(endpoint: Endpoint, **fields: Any) -> Incident:
    now = timezone.now()
    defaults: dict[str, Any] = {
        "provider": endpoint.provider,
        "kind": "endpoint",
        "scope": "global",
        "severity": "major",
        "state": "open",
        "cause": "confirmed_failures",
        "started_at": now - timedelta(hours=1),
        "detected_at": now - timedelta(hours=1),
        "simulated": endpoint.simulated,
        "method_version": "test",
    }
    incident = Incident.objects.create(**defaults | fields)
    IncidentEndpoint.objects.create(
        incident=incident,
        endpoint=endpoint,
        joined_at=incident.started_at,
        left_at=incident.ended_at,
        worst="outage",
        regions=["seoul"],
    )
    return incident


def make_article(slug: str, title_en: str, *tags: str, **fields: Any) -> Article:
    """A published one, tagged with models of these names."""
    defaults = {"state": "published", "published_at": timezone.now(), "category": "model"}
    article = Article.objects.create(slug=slug, title_en=title_en, **defaults | fields)
    article.tags.set(
        Tag.objects.get_or_create(kind="model", slug=name.casefold(), name_en=name)[0] for name in tags
    )
    return article


def hits(typed: str) -> list[tuple[str, str]]:
    found = kept_search(typed, now=timezone.now())
    return [(hit.thing.kind, hit.thing.slug) for hit in found[:50]]


@pytest.mark.usefixtures("catalogue")
class TestWhatIsFound:
    def test_a_model_comes_before_its_endpoints_its_creators_own_first(self):
        assert hits("gpt4.1")[:3] == [
            ("model", "gpt-4.1"),
            ("endpoint", "openai--gpt-4.1"),
            ("endpoint", "azure--gpt-4.1"),
        ]

    def test_a_provider_comes_before_what_it_makes(self):
        assert hits("openai")[0] == ("provider", "openai")
        assert ("model", "gpt-4.1-mini") in hits("openai")

    @pytest.mark.parametrize("typed", ["오픈ㅇ", "오픈AI", "오픈에이아이", "오프"])
    def test_korean_names_find_their_providers_while_they_are_typed(self, typed: str):
        assert hits(typed)[0] == ("provider", "openai")

    def test_korean_and_english_words_go_together(self):
        assert ("model", "claude-sonnet-4.5") in hits("클로드 sonnet")
        assert hits("앤스로픽 소네트")[0] == ("model", "claude-sonnet-4.5")

    @pytest.mark.parametrize("typed", ["chat", "채팅", "대화"])
    def test_a_function_is_found_by_its_words(self, typed: str):
        assert hits(typed)[0] == ("function", "chat")

    def test_an_endpoint_is_found_by_its_slug_and_by_its_providers_own_id(self):
        assert hits("azure--gpt-4.1") == [("endpoint", "azure--gpt-4.1")]

    def test_what_is_watched_comes_before_what_is_not(self):
        make_real("other", "Nimbus-1", "nimbus-1b", creator="other")
        keeper().forget()
        assert [slug for kind, slug in hits("nimbus-1") if kind == "model"] == ["nimbus-1", "nimbus-1b"]

    def test_retired_models_stay_behind_and_retired_endpoints_are_left_out(self):
        make_real("openai", "GPT-4.10", "gpt-4.10", lifecycle=Lifecycle.RETIRED)
        AIModel.objects.filter(slug="gpt-4.10").update(lifecycle=Lifecycle.RETIRED)
        keeper().forget()
        assert hits("gpt-4.10") == [("model", "gpt-4.10")]

    def test_what_the_catalogue_announces_is_found_at_once(self):
        assert hits("brandnew") == []
        make_endpoint("nimbus", "brandnew-1")
        tell("catalog.changed", {}, now=timezone.now())
        assert ("model", "brandnew-1") in hits("brandnew")

    def test_suites_are_found_by_name_topic_and_what_they_ask_in_both_languages(self):
        assert hits("mmlu") == []
        make_suite("mmlu", name="MMLU", full_name="Massive Multitask", summary_ko="시험 문제를 풉니다.")
        tell("scores.changed", {}, now=timezone.now())
        for typed in ("mmlu", "massive", "knowledge", "지식", "시험 문제"):
            assert ("benchmark", "mmlu") in hits(typed), typed

    def test_incidents_are_found_by_title_provider_and_number_those_that_go_on_first(self):
        endpoint = Endpoint.objects.get(slug="nimbus--nimbus-1")
        over = make_incident(endpoint, ended_at=timezone.now(), state="closed", started_at=timezone.now())
        goes_on = make_incident(endpoint)
        keeper().forget()
        found = [slug for kind, slug in hits("nimbus") if kind == "incident"]
        assert found == [str(goes_on.pk), str(over.pk)]
        assert ("incident", str(over.pk)) in hits(f"#{over.pk}")

    def test_articles_are_found_by_both_titles_and_by_tags_the_newest_first(self):
        assert hits("claude opus") == []
        older = timezone.now() - timedelta(days=2)
        make_article("b-older", "Longer context for agents", "Claude Opus", published_at=older)
        make_article("a-newer", "Prices fall", "Claude Opus", title_ko="가격이 내린다")
        make_article("draft", "Draft prices", "Claude Opus", state="draft")
        tell("news.changed", {}, now=timezone.now())
        for typed in ("claude opus", "클로드 오퍼스"):
            assert hits(typed) == [("article", "a-newer"), ("article", "b-older")], typed
        for typed in ("prices", "가격", "ㄱㄱㅇ"):
            assert hits(typed) == [("article", "a-newer")], typed

    def test_invented_things_are_found_only_in_the_simulation(self, settings: Settings):
        assert ("endpoint", "nimbus--nimbus-1") in hits("nimbus")
        settings.SIMULATION = False
        keeper().forget()
        assert hits("nimbus") == []


class TestPage:
    def test_the_address_says_all_and_nothing_typed_says_where_to_begin(self, client: Client):
        make_endpoint()
        page = client.get("/search/")
        assert page.status_code == 200
        assert "/?function=chat" in page.content.decode()
        assert "/providers/nimbus/" in page.content.decode()

    @pytest.mark.usefixtures("catalogue")
    def test_hits_stand_by_kind_with_their_number(self, client: Client):
        page = client.get("/search/?q=gpt").content.decode()
        assert "<b>5</b> results for “gpt”" in page
        assert re.findall(r'id="hits-(\w+)"', page) == ["model", "endpoint"]
        assert 'href="/models/azure--gpt-4.1/"' in page

    @pytest.mark.usefixtures("catalogue")
    def test_a_kind_has_pages_and_an_unknown_one_is_all(self, client: Client):
        own = client.get("/search/?q=gpt&kind=endpoint&page=9").content.decode()
        assert re.findall(r'id="hits-(\w+)"', own) == ["endpoint"]
        assert client.get("/search/?q=gpt&kind=nonsense&page=x").status_code == 200

    def test_what_is_typed_is_text_and_never_markup(self, client: Client):
        for address in ("/search/", "/search/suggest"):
            page = client.get(address, {"q": "<script>alert(1)</script>\0"}).content.decode()
            assert "<script>alert" not in page
            assert "&lt;script&gt;alert" in page

    @pytest.mark.usefixtures("catalogue")
    def test_suggestions_are_options_of_a_listbox_with_their_state(self, client: Client):
        part = client.get("/search/suggest?q=nimbus").content.decode()
        assert part.count('role="option"') == 1 + 2  # the model for its only endpoint, the provider, and all
        assert 'data-state="unknown"' in part
        assert 'href="/search/?q=nimbus"' in part

    def test_an_article_stands_with_its_day_and_its_page_as_hit_and_as_suggestion(self, client: Client):
        moment = datetime(2026, 11, 5, 12, tzinfo=UTC)
        make_article("told", "Aurora <b>ships</b>", published_at=moment)
        for address in ("/search/", "/search/suggest"):
            page = client.get(address, {"q": "aurora"}).content.decode()
            assert 'href="/news/told/"' in page
            assert "Aurora &lt;b&gt;ships&lt;/b&gt;" in page
            assert '<span class="hit__by">2026-11-05</span>' in page

    def test_in_korean_words_are_korean(self, client: Client):
        make_endpoint()
        page = client.get("/search/?q=chat", headers={"accept-language": "ko"}).content.decode()
        assert "검색" in page
        assert "Search" not in re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("</main>")[0])


class TestApi:
    @pytest.mark.usefixtures("catalogue")
    def test_results_are_a_list_with_counts_by_kind(self, client: Client):
        body = client.get("/api/v1/search?q=gpt4.1&limit=2").json()
        assert body["count"] == 5
        assert body["by_kind"] == {"model": 2, "endpoint": 3}
        assert body["next"].endswith("q=gpt4.1&limit=2&offset=2")
        assert body["results"][0] == {
            "kind": "model",
            "slug": "gpt-4.1",
            "title": {"en": "GPT-4.1", "ko": "GPT-4.1"},
            "by": "OpenAI",
            "url": "/models/gpt-4.1/",
            "match": "exact",
            "state": None,
            "simulated": False,
        }

    @pytest.mark.usefixtures("catalogue")
    def test_kinds_leave_only_their_own(self, client: Client):
        body = client.get("/api/v1/search?q=gpt&kinds=endpoint,provider").json()
        assert {hit["kind"] for hit in body["results"]} == {"endpoint"}
        assert body["by_kind"] == {"model": 2, "endpoint": 3}

    @pytest.mark.parametrize(
        ("query", "parameter"),
        [("", "q"), ("q=", "q"), (f"q={'a' * 101}", "q"), ("q=a&kinds=model,x", "kinds"), ("q=a&p=1", "p")],
    )
    def test_what_cannot_be_asked_is_named(self, client: Client, query: str, parameter: str):
        answer = client.get(f"/api/v1/search?{query}")
        assert answer.status_code == 400
        assert answer.json()["parameter"] == parameter

    @pytest.mark.usefixtures("catalogue")
    def test_queries_are_those_of_the_indexes_and_the_snapshot_then_none(
        self, client: Client, django_assert_num_queries: DjangoAssertNumQueries
    ):
        make_incident(Endpoint.objects.get(slug="nimbus--nimbus-1"))
        for number in range(3):
            make_article(f"told-{number}", "Told", "GPT-4.1")
        keeper().forget()
        with django_assert_num_queries(INDEX_QUERIES + SNAPSHOT_QUERIES):
            client.get("/api/v1/search?q=gpt")
        with django_assert_num_queries(0):
            for path in ("/api/v1/search?q=nimbus", "/search/?q=nimbus", "/search/suggest?q=nim"):
                assert client.get(path).status_code == 200, path
