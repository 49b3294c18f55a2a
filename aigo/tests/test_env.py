"""The environment reader: what it accepts, and that it names key, value and remedy where it does not."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from aigo import env
from testing.environment import ROOT, clean_environment


def test_without_a_value_the_default_holds(monkeypatch):
    monkeypatch.setenv("PORT", "  ")
    assert env.integer("PORT", 8000, least=1, most=65_535) == 8000
    assert env.flag("NOWHERE", default=True) is True
    assert env.words("NOWHERE", "a, b,") == ["a", "b"]


@pytest.mark.parametrize("value", ["0", "65536", "80a", "-1", "8e3", "٨"])
def test_a_number_out_of_bounds_is_named_with_its_bounds(monkeypatch, value):
    monkeypatch.setenv("PORT", value)
    with pytest.raises(env.EnvError, match=r"PORT=.* from 1 to 65535"):
        env.integer("PORT", 8000, least=1, most=65_535)


def test_a_word_that_is_not_known_is_named_with_the_known_ones(monkeypatch):
    monkeypatch.setenv("POP_REGION", "mars")
    with pytest.raises(env.EnvError, match=r"POP_REGION='mars'.*seoul, tokyo"):
        env.choice("POP_REGION", "local", accepted=("seoul", "tokyo"))


@pytest.mark.parametrize("value", ["-1", "1e3", "1,5", "1000.1", "nan", "٣", "$1", "1."])
def test_an_amount_that_is_none_is_named_with_its_bounds(monkeypatch, value):
    monkeypatch.setenv("PROBE_BUDGET_USD_PER_DAY", value)
    with pytest.raises(env.EnvError, match=r"PROBE_BUDGET_USD_PER_DAY=.* from 0 to 1000, like 1\.00"):
        env.decimal("PROBE_BUDGET_USD_PER_DAY", "1.00", most="1000")


@pytest.mark.parametrize(("value", "read"), [("", "1.00"), ("0", "0"), (" 2.5 ", "2.5"), ("1000", "1000")])
def test_an_amount_is_read_exactly(monkeypatch, value, read):
    monkeypatch.setenv("PROBE_BUDGET_USD_PER_DAY", value)
    assert env.decimal("PROBE_BUDGET_USD_PER_DAY", "1.00", most="1000") == Decimal(read)


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_flag_is_yes_or_no(monkeypatch, value):
    monkeypatch.setenv("DEBUG", value)
    with pytest.raises(env.EnvError, match="DEBUG="):
        env.flag("DEBUG", default=False)


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("sqlite:///var/a.sqlite3", "django.db.backends.sqlite3", "var/a.sqlite3"),
        ("sqlite:////srv/a.sqlite3", "django.db.backends.sqlite3", "/srv/a.sqlite3"),
        ("postgres://u:p%40ss@db:5433/aigo?sslmode=require", "django.db.backends.postgresql", "aigo"),
        ("timescale://u:p@db/aigo", "timescale.db.backends.postgresql", "aigo"),
    ],
)
def test_a_database_url_becomes_djangos_setting(monkeypatch, url, engine, name):
    monkeypatch.setenv("DATABASE_URL", url)
    found = env.database("DATABASE_URL", default="")
    assert (found["ENGINE"], found["NAME"]) == (engine, name)


def test_password_port_and_options_of_a_database_url(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p%40ss@db:5433/aigo?sslmode=require")
    found = env.database("DATABASE_URL", default="")
    assert (found["PASSWORD"], found["PORT"], found["OPTIONS"]) == ("p@ss", "5433", {"sslmode": "require"})


@pytest.mark.parametrize(
    "url", ["mysql://u:hunter2@db/x", "postgres://u:hunter2@db", "postgres://u:hunter2@db:x/y", "no"]
)
def test_a_bad_database_url_is_refused_without_repeating_its_password(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.EnvError, match="DATABASE_URL") as refused:
        env.database("DATABASE_URL", default="")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("value", ["localhost:6379", "http://x", "redis://", "redis://h:99999"])
def test_a_url_of_another_kind_is_refused(monkeypatch, value):
    monkeypatch.setenv("REDIS_URL", value)
    with pytest.raises(env.EnvError, match=r"REDIS_URL.*redis://host:port"):
        env.url("REDIS_URL", schemes=("redis",))


@pytest.mark.parametrize(
    "value",
    [
        "redis://h:6379/0",
        "rediss://u:p@h:6379/0",
        "redis+cluster://h:6379",
        "redis+cluster://a:6379,b:6380,c:1/",
        "redis+cluster://u:p%40@10.0.0.1:6379,10.0.0.2:6379",
        "",
    ],
)
def test_the_event_log_may_be_one_redis_or_a_cluster(monkeypatch, value):
    monkeypatch.setenv("EVENT_LOG_URL", value)
    assert env.event_log("EVENT_LOG_URL", "") == value
    assert env.event_log("EVENT_LOG_URL", "redis://other:1") == (value or "redis://other:1")


@pytest.mark.parametrize(
    "value",
    [
        *("redis+cluster://", "redis+cluster://h", "redis+cluster://a:1,b", "redis+cluster://a:1,,b:2"),
        *(
            "redis+cluster://u:hunter2@a:1/0",
            "redis+cluster://a:x",
            "cluster://a:1",
            "memory://u:hunter2@h:1",
        ),
    ],
)
def test_an_event_log_of_another_form_is_refused_without_repeating_it(monkeypatch, value):
    monkeypatch.setenv("EVENT_LOG_URL", value)
    with pytest.raises(env.EnvError, match=r"EVENT_LOG_URL.*Write redis") as refused:
        env.event_log("EVENT_LOG_URL", "")
    assert "hunter2" not in str(refused.value)


def test_keys_are_known_by_name_and_never_by_value(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-planted-secret")
    monkeypatch.setenv("SOMETHING_ELSE_API_KEY", "x")
    monkeypatch.setenv("GROQ_API_KEY", " ")
    assert env.provider_keys() == ["OPENAI_API_KEY"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PROBE_BUDGET_USD_PER_DAY", "lots"),
        ("DATABASE_URL", "oracle://x/y"),
        ("POP_REGION", "mars"),
    ],
)
def test_a_bad_variable_ends_the_program_with_one_line(tmp_path: Path, name, value):
    ended = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env=clean_environment(**{name: value, "DATA_DIR": str(tmp_path)}),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert ended.returncode == 1
    (line,) = ended.stderr.strip().splitlines()
    assert line.startswith(f"aigo: {name}")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("file:///srv/archive/", {"scheme": "file", "root": "/srv/archive"}),
        ("s3://days", {"scheme": "s3", "root": "days", "endpoint": "", "region": ""}),
        (
            "s3://days/aigo/raw/?endpoint=http://minio:9000/&region=eu-1",
            {"scheme": "s3", "root": "days/aigo/raw", "endpoint": "http://minio:9000", "region": "eu-1"},
        ),
    ],
)
def test_the_address_of_the_archive_is_read(monkeypatch, value, read):
    monkeypatch.setenv("ARCHIVE_URL", value)
    assert env.archive("ARCHIVE_URL") == read | {"url": value}


@pytest.mark.parametrize(
    "value",
    [
        "/srv/archive",
        "file://srv/archive",
        "file:///",
        "s3:///days",
        "s3://days?key=x",
        "s3://d?endpoint=minio",
    ],
)
def test_an_address_that_is_none_is_named_with_the_forms(monkeypatch, value):
    monkeypatch.setenv("ARCHIVE_URL", value)
    with pytest.raises(env.EnvError, match=r"ARCHIVE_URL.*(file:///folder or s3://bucket|https://host:port)"):
        env.archive("ARCHIVE_URL")


@pytest.mark.parametrize(
    "value", ["s3://AKIA:hunter22@days", "s3://days?endpoint=https://AKIA:hunter22@storage.example"]
)
def test_credentials_in_the_address_are_refused_and_not_repeated(monkeypatch, value):
    monkeypatch.setenv("ARCHIVE_URL", value)
    with pytest.raises(env.EnvError, match="AWS_SECRET_ACCESS_KEY") as caught:
        env.archive("ARCHIVE_URL")
    assert "hunter22" not in str(caught.value)


def test_replicas_are_read_in_their_order(monkeypatch):
    urls = "postgres://u:p@one:5433/aigo, timescale://u@two/aigo?sslmode=require"
    monkeypatch.setenv("DATABASE_REPLICA_URLS", urls)
    found = env.replicas("DATABASE_REPLICA_URLS", engine="django.db.backends.postgresql")
    assert [(alias, replica["HOST"], replica["PORT"]) for alias, replica in found.items()] == [
        ("replica1", "one", "5433"),
        ("replica2", "two", ""),
    ]
    assert found["replica2"]["OPTIONS"] == {"sslmode": "require"}
    monkeypatch.delenv("DATABASE_REPLICA_URLS")
    assert env.replicas("DATABASE_REPLICA_URLS", engine="django.db.backends.sqlite3") == {}


@pytest.mark.parametrize(
    ("value", "engine"),
    [
        ("sqlite:///b.sqlite3", "django.db.backends.postgresql"),
        ("postgres://one/b", "django.db.backends.sqlite3"),
    ],
)
def test_sqlite_has_no_replicas(monkeypatch, value, engine):
    monkeypatch.setenv("DATABASE_REPLICA_URLS", value)
    with pytest.raises(env.EnvError, match=r"DATABASE_REPLICA_URLS: SQLite has no replicas"):
        env.replicas("DATABASE_REPLICA_URLS", engine=engine)


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({}, "simulated"),
        ({"OPENAI_API_KEY": "k"}, "all"),
        ({"OPENAI_API_KEY": "k", "SIMULATION": "1"}, "all"),
        ({"SIMULATION": "0"}, "all"),
        ({"OFFICIAL_PAGES": "none"}, "none"),
    ],
)
def test_where_nothing_real_is_measured_no_real_page_is_asked(
    tmp_path: Path, variables: dict[str, str], asked: str
):
    """A first `make run` must not call at sixteen providers."""
    run = subprocess.run(
        [sys.executable, "-c", "from aigo import settings; print(settings.OFFICIAL_PAGES)"],
        env=clean_environment(DATA_DIR=str(tmp_path), **variables),
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert run.stdout.strip() == asked
