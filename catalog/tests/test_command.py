"""`manage.py import_catalog` as an operator meets it."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from aigo.lib.fetch import FetchError
from catalog.adapters import models_dev
from catalog.management.commands import import_catalog as command
from catalog.models import Endpoint
from catalog.tests.test_sources import API_JSON, with_value

pytestmark = pytest.mark.django_db


@pytest.fixture
def api_json(tmp_path: Path) -> Path:
    path = tmp_path / "api.json"
    path.write_text(json.dumps(API_JSON))
    return path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_catalog", *arguments, stdout=out)
    return out.getvalue()


def test_a_file_and_the_simulated_fleet_are_imported_and_reported(api_json: Path) -> None:
    printed = run("--file", str(api_json))
    assert f"{api_json} brought the catalogue up to date:" in printed
    assert "endpoints     25 created     0 updated     0 unchanged     0 retired" in printed
    assert Endpoint.objects.filter(simulated=False).count() == 1
    assert "endpoints      0 created     0 updated    25 unchanged     0 retired" in run(
        "--file", str(api_json)
    )


def test_a_dry_run_says_what_it_would_do_and_does_not(api_json: Path) -> None:
    assert "would bring the catalogue up to date" in run("--file", str(api_json), "--dry-run")
    assert not Endpoint.objects.exists()


def test_quiet_prints_nothing(api_json: Path) -> None:
    assert run("--file", str(api_json), "--quiet") == ""
    assert Endpoint.objects.exists()


def test_a_malformed_file_is_refused_whole_with_place_and_remedy(api_json: Path) -> None:
    api_json.write_bytes(with_value("openai/models/gpt-4.1/cost/input", "x"))
    with pytest.raises(CommandError) as caught:
        run("--file", str(api_json))
    message = str(caught.value)
    assert 'providers.openai.models.gpt-4.1.cost.input: expected a number ≥ 0, got "x"' in message
    assert "nothing was written" in message
    assert "api.json anew" in message
    assert "\n" not in message
    assert not Endpoint.objects.exists()


def test_a_missing_file_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(
        CommandError, match=r"nowhere\.json cannot be read \(No such file or directory\)\. Give"
    ):
        run("--file", str(tmp_path / "nowhere.json"))


def test_a_file_beyond_the_limit_is_not_read(api_json: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_dev, "MAX_BYTES", 100)
    with pytest.raises(CommandError, match="larger than 100 bytes"):
        run("--file", str(api_json))


def test_an_address_is_fetched_with_the_same_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    def fetch(url: str, *, max_bytes: int) -> bytes:
        asked.append((url, max_bytes))
        return json.dumps(API_JSON).encode()

    monkeypatch.setattr(command, "guarded_get", fetch)
    run("--url", "https://models.dev/api.json")
    assert asked == [("https://models.dev/api.json", models_dev.MAX_BYTES)]
    assert Endpoint.objects.filter(slug="openai--gpt-4.1").exists()


def test_an_address_that_fails_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(url: str, *, max_bytes: int) -> bytes:
        raise FetchError(f"{url}: ConnectTimeout")

    monkeypatch.setattr(command, "guarded_get", fetch)
    with pytest.raises(CommandError, match=r"ConnectTimeout\. Check the address"):
        run("--url", "https://models.dev/api.json")
