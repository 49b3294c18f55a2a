"""The suites that the project ships: complete in both languages, each fact with its source."""

import csv
import io
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, RequestFactory

from benchmarks.admin.suite_form import SourcesField
from benchmarks.models import Suite
from benchmarks.models.suites import TOLD
from benchmarks.services import import_suites
from benchmarks.setting import read_setting
from benchmarks.shipped import FILE, read_suites
from benchmarks.tests.factories import make_score
from catalog.services import follow_sources, record_edit
from catalog.tests.factories import NOW

SUITES = read_suites()
SEED = FILE.with_name("scores.csv")
_HANGUL = re.compile(r"[가-힣]")
#: What reads no database, or not in its own way, is tested once.
FILES_ONLY = pytest.mark.only_on("sqlite")
BY_SLUG = pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite["slug"])


@FILES_ONLY
@BY_SLUG
def test_a_suite_is_told_in_both_languages(suite: dict[str, Any]) -> None:
    for name in TOLD:
        english, korean = suite[name], suite[f"{name}_ko"]
        assert bool(english) == bool(korean), name
        assert not _HANGUL.search(english), name
        if name in ("summary", "detail", "caveats"):
            assert _HANGUL.search(korean), name
            assert english.endswith("."), name
            assert korean.endswith("."), name


@FILES_ONLY
@BY_SLUG
def test_a_suites_figures_in_korean_are_those_in_english(suite: dict[str, Any]) -> None:
    for name in TOLD:
        english, korean = (_figures(suite[key]) for key in (name, f"{name}_ko"))
        assert english == korean, name


@FILES_ONLY
@BY_SLUG
def test_a_suites_texts_fit_their_columns(suite: dict[str, Any]) -> None:
    for name, value in suite.items():
        room = getattr(Suite._meta.get_field(name), "max_length", None)
        assert not (room and isinstance(value, str)) or len(value) <= room, name


@FILES_ONLY
@BY_SLUG
def test_a_suite_names_where_its_facts_were_read(suite: dict[str, Any]) -> None:
    assert suite["sources"]
    assert all(source["name"] and source["url"].startswith("https://") for source in suite["sources"])


@FILES_ONLY
@BY_SLUG
def test_a_guess_that_nobody_published_says_so(suite: dict[str, Any]) -> None:
    """Where the value of guessing was not read in a source, the caveats say how it comes about."""
    assert (suite["random_baseline"] is None) == (suite["random_basis"] == "")
    if suite["random_basis"] in ("options", "open"):
        assert "guessing" in suite["caveats"]


@FILES_ONLY
def test_names_slugs_and_places_are_unique() -> None:
    for name in ("slug", "name", "position"):
        assert len({suite[name] for suite in SUITES}) == len(SUITES)


@FILES_ONLY
def test_every_suite_of_the_shipped_scores_has_a_reference_that_scores_meet() -> None:
    """A reference that no text is read as any more would mark every cell as taken in another setting."""
    shipped = _shipped_settings()
    assert shipped.keys() <= {suite["name"] for suite in SUITES}
    for suite in SUITES:
        stated, reference = shipped.get(suite["name"], set()), suite["reference_setting"]
        assert bool(reference) == bool(stated), suite["slug"]
        fits = {read_setting(text, suite["slug"]).fits(reference) for text in stated}
        assert not stated or fits & {"same", "finer"}, suite["slug"]


@pytest.mark.django_db
class TestImport:
    def test_the_database_takes_all_of_them(self) -> None:
        report = import_suites(now=NOW)
        assert len(report.created) == len(SUITES) == Suite.objects.count()

    def test_a_second_import_changes_nothing_and_tells_nobody(
        self, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks() as told:
            import_suites(now=NOW)
        assert len(told) == 1
        with django_capture_on_commit_callbacks() as told:
            report = import_suites(now=NOW)
        assert not told
        assert not report.changed_anything()
        assert len(report.unchanged) == len(SUITES)
        assert not report.kept

    def test_it_corrects_what_the_file_says_differently(self) -> None:
        import_suites(now=NOW)
        Suite.objects.filter(slug="mmlu").update(licence="none", year=1999)
        assert import_suites(now=NOW).updated == ["mmlu"]
        assert Suite.objects.get(slug="mmlu").year == 2020

    def test_what_an_editor_decided_stays_until_it_is_given_back(self) -> None:
        import_suites(now=NOW)
        suite = Suite.objects.get(slug="mmlu")
        suite.lifecycle = Suite.Lifecycle.RETIRED
        record_edit(row=suite, fields=["lifecycle"])
        report = import_suites(now=NOW)
        assert (report.updated, report.kept) == ([], ["mmlu lifecycle"])
        assert Suite.objects.get(slug="mmlu").lifecycle == "retired"
        by = User.objects.create_superuser("editor", "editor@example.org", "pw")
        follow_sources(rows=Suite.objects.filter(slug="mmlu"), by=by)
        assert import_suites(now=NOW).updated == ["mmlu"]

    def test_a_suite_made_by_hand_is_left_alone(self) -> None:
        facts = next(suite for suite in SUITES if suite["slug"] == "drop")
        Suite.objects.create(**facts | {"summary": "Mine."})
        assert "drop summary" in import_suites(now=NOW).kept
        assert Suite.objects.get(slug="drop").summary == "Mine."

    def test_the_command_says_what_it_did(self) -> None:
        out = io.StringIO()
        call_command("import_suites", stdout=out)
        assert f"{len(SUITES)} created" in out.getvalue()


@FILES_ONLY
@pytest.mark.django_db
class TestAdmin:
    @pytest.fixture
    def editor(self, client: Client) -> Client:
        client.force_login(User.objects.create_superuser("editor", "editor@example.org", "pw"))
        import_suites(now=NOW)
        return client

    @pytest.mark.parametrize("query", ["", "?missing=baseline", "?topic__exact=korean", "?q=harness"])
    def test_the_list_takes_few_queries(
        self, query: str, editor: Client, django_assert_max_num_queries: Any
    ) -> None:
        with django_assert_max_num_queries(9):
            assert editor.get(f"/admin/benchmarks/suite/{query}").status_code == 200

    def test_counts_of_scores_are_those_of_the_lists_they_link_to(self, editor: Client) -> None:
        make_score("mmlu", "one")
        make_score("mmlu", "two")
        make_score("mmlu", None, state="draft", published_at=None)
        make_score("drop", "one", state="review", published_at=None)
        page = editor.get("/admin/benchmarks/suite/").content.decode()
        links = re.findall(r'href="(/admin/benchmarks/score/[^"]+)">(\d+)</a>', page)
        assert sorted(count for _address, count in links) == ["1", "1", "2"]
        for address, count in links:
            scores = editor.get(address.replace("&amp;", "&")).context["cl"]
            assert scores.result_count == int(count), address

    def test_a_suite_with_scores_is_not_deleted(self, editor: Client) -> None:
        scored, other = make_score("mmlu", "one").suite, Suite.objects.get(slug="drop")
        assert editor.post(f"/admin/benchmarks/suite/{scored.pk}/delete/", {"post": "yes"}).status_code == 403
        chosen = {"action": "delete_selected", "_selected_action": [scored.pk, other.pk], "post": "yes"}
        editor.post("/admin/benchmarks/suite/", chosen)
        assert Suite.objects.filter(slug__in=("mmlu", "drop")).count() == 2

    def test_a_change_by_hand_survives_the_next_import(self, editor: Client) -> None:
        suite = Suite.objects.get(slug="mmlu")
        page = editor.get(f"/admin/benchmarks/suite/{suite.pk}/change/")
        form = page.context["adminform"].form
        values = {name: form[name].value() for name in form.fields}
        data = {name: value for name, value in values.items() if value is not None and value is not False}
        answer = editor.post(page.wsgi_request.path, data | {"licence": "MIT, seen by us"})
        assert answer.status_code == 302, answer.context["errors"]
        suite.refresh_from_db()
        assert suite.edited_fields == ["licence"]
        import_suites(now=NOW)
        suite.refresh_from_db()
        assert suite.licence == "MIT, seen by us"


@FILES_ONLY
@pytest.mark.django_db
class TestForm:
    @pytest.mark.parametrize(
        ("field", "value", "said"),
        [
            ("slug", "scores", "page of its own"),
            ("reference_setting", "five shots", "shots=5"),
            ("reference_setting", "prompt=cot;shots=5", "in the order"),
            ("sources", "a name alone", "Line 1"),
            ("sources", "a script javascript:alert(1)", "Line 1"),
            ("scale_max", "50", "from 0 to 100"),
            ("random_baseline", "100", "within the scale"),
            ("random_basis", "", "how the value of guessing is known"),
        ],
    )
    def test_it_says_what_is_wrong_at_its_field(self, field: str, value: str, said: str) -> None:
        form = _form(_filled() | {field: value})
        assert said in str(form.errors[field])

    def test_it_takes_what_the_project_ships(self) -> None:
        form = _form(_filled())
        assert form.is_valid(), form.errors
        assert form.cleaned_data["sources"] == SUITES[0]["sources"]


def _form(data: dict[str, Any]) -> Any:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    return admin.site.get_model_admin(Suite).get_form(request)(data)


def _filled() -> dict[str, Any]:
    """The first suite as its form sends it."""
    data = {name: value for name, value in SUITES[0].items() if value is not None}
    return data | {"sources": SourcesField().prepare_value(data["sources"])}


def _figures(text: str) -> list[str]:
    """The numbers of a text, sorted; figures that are words in one language are words in the other."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text).replace("–", "-").replace("~", "-")
    return sorted(re.findall(r"\d+(?:\.\d+)*", plain))


def _shipped_settings() -> dict[str, set[str]]:
    """The settings of the shipped scores as their sources write them, by name of the suite."""
    found: dict[str, set[str]] = {}
    with SEED.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["suite"], set()).add(row["shots_or_setting"])
    return found
