"""Reading servers and keeping what they tell, over real connections into the database."""

import json
import time
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.core.cache import cache
from pytest_django import DjangoAssertNumQueries

from probes.models import Server, ServerSample
from probes.scraping import fetching, kinds
from probes.scraping.figures import Figures
from probes.services import scraping
from probes.services.scraping import prune_samples, refresh_servers, scrape_server, scrape_servers
from probes.tests.factories import NOW
from probes.tests.serving import make_server, minutes, vllm_figures
from probes.tests.test_scraping_kinds import exposed
from testing.exporter import dripping, endless, exporting, silent, text

pytestmark = pytest.mark.django_db
#: No text takes a tenth of a second; one that makes a parser backtrack takes minutes.
BLOWN_UP_S = 30


@pytest.fixture(autouse=True)
def _not_refreshed() -> None:
    cache.delete(scraping._BY_HAND_KEY)


def scrape(**given: object) -> int:
    return scrape_servers(now=NOW, backoffs_s=(), **given)  # type: ignore[arg-type]


def newest(server: Server) -> Figures:
    return Figures.from_json(ServerSample.objects.filter(server=server).latest("at").figures)


def apart_s(server: Server) -> float:
    """Between the two newest readings: as long later as the server took longer to answer."""
    newest, before = ServerSample.objects.filter(server=server).order_by("-at")[:2]
    return (newest.at - before.at).total_seconds()


def test_two_readings_a_minute_apart_tell_what_the_server_does():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url)
        assert scrape_server(server, now=NOW)
        assert newest(server).requests_per_min is None
        exporter.answer = text(exposed("vllm_a_minute_later"))
        assert scrape_server(server, now=NOW + minutes(1))
    told = newest(server)
    assert told.requests_per_min == pytest.approx(120 * 60 / apart_s(server), rel=0.001)
    assert told.ttft.p50_ms == pytest.approx(100)
    assert told.rate_window_s == pytest.approx(apart_s(server), abs=0.01)
    server.refresh_from_db()
    assert server.last_seen_at == ServerSample.objects.latest("at").at >= NOW + minutes(1)


def test_a_restart_between_readings_makes_no_negative_rate():
    with exporting(exposed("vllm_a_minute_later")) as exporter:
        server = make_server(metrics_url=exporter.url)
        scrape_server(server, now=NOW)
        fresh = b'vllm:request_success_total{engine="0",finished_reason="stop",model_name="x"} 0\n'
        exporter.answer = text(exposed("llamacpp") + fresh)
        scrape_server(server, now=NOW + minutes(1))
        exporter.answer = text(fresh.replace(b"} 0", b"} 30"))
        scrape_server(server, now=NOW + minutes(2))
    assert newest(server).requests_per_min == pytest.approx(30 * 60 / apart_s(server), rel=0.001)


def test_a_failure_keeps_the_last_good_values_and_says_what_happened():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url)
        scrape(servers=[server])
        exporter.answer = text(b"<html>", status=502)
        assert scrape_servers(now=NOW + minutes(1), backoffs_s=(0.01, 0.01, 0.01)) == 0
        assert len(exporter.asked) == 5
    server.refresh_from_db()
    assert (server.problem, server.error, server.failures) == ("status", "answered 502 Bad Gateway", 1)
    assert NOW <= server.last_seen_at < NOW + minutes(1) <= server.last_tried_at
    assert newest(server).running == 11.0


def test_a_good_reading_forgets_the_failures():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url, problem="timeout", error="x", failures=7)
        scrape()
    server.refresh_from_db()
    assert (server.problem, server.error, server.failures) == ("", "", 0)


def hostile_texts() -> dict[str, tuple[bytes, str]]:
    many = b"".join(b'vllm:generation_tokens_total{x="%d"} 1\n' % n for n in range(20_000))
    return {
        "html": (b"<!doctype html><title>Grafana</title>", "not_text"),
        "binary": (bytes(range(256)), "not_text"),
        "no number": (b"vllm:num_requests_running lots\n", "invalid"),
        "twice": (b"vllm:num_requests_running 1\n" * 2, "invalid"),
        "huge labels": (b'vllm:num_requests_running{x="' + b"y" * 10_000 + b'"} 1\n', "invalid"),
        "many series": (many, "too_many"),
        "another kind": (exposed("node"), "wrong_kind"),
        "empty": (b"", "wrong_kind"),
    }


@pytest.mark.parametrize("name", hostile_texts())
def test_a_hostile_text_is_an_error_by_name_and_no_sample(name: str):
    body, problem = hostile_texts()[name]
    with exporting(body) as exporter:
        server = make_server(metrics_url=exporter.url)
        started = time.monotonic()
        assert scrape() == 0
        assert time.monotonic() - started < BLOWN_UP_S
    server.refresh_from_db()
    assert server.problem == problem
    assert 0 < len(server.error) <= 300
    assert not ServerSample.objects.exists()


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-3", "1e400"])
def test_what_is_no_figure_is_stored_as_not_told(value: str):
    body = f"vllm:num_requests_running {value}\nvllm:num_requests_waiting 2\n".encode()
    with exporting(body) as exporter:
        server = make_server(metrics_url=exporter.url)
        assert scrape() == 1
    assert (newest(server).running, newest(server).queue) == (None, 2.0)
    json.dumps(newest(server).to_json(), allow_nan=False)


def test_hostile_servers_delay_and_disturb_nobody():
    """Those that hang end with the time they have; all others are kept before that."""
    with ExitStack() as stack:
        for answer in (endless, dripping, silent):
            make_server(slug=answer.__name__, metrics_url=stack.enter_context(exporting(answer)).url)
        good = stack.enter_context(exporting(exposed("node")))
        for n in range(20):
            make_server("node", metrics_url=f"{good.url}?{n}")
        assert scrape() == 20
    hostile = {server.slug: server for server in Server.objects.filter(kind="vllm")}
    problems = {slug: server.problem for slug, server in hostile.items()}
    assert problems == {"endless": "too_large", "dripping": "timeout", "silent": "timeout"}
    first_to_end = min(hostile[slug].last_tried_at for slug in ("dripping", "silent"))
    assert first_to_end >= NOW + timedelta(seconds=fetching.TIMEOUT_S)
    assert ServerSample.objects.latest("at").at < first_to_end


def test_a_fault_of_ours_with_one_text_does_not_lose_the_others(monkeypatch: pytest.MonkeyPatch):
    real = kinds.digest

    def digest(slug: str, *args: object, **kwargs: object) -> object:
        if slug == "tgi":
            raise RecursionError("a fault of ours")
        return real(slug, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(scraping, "digest", digest)
    with exporting(exposed("node")) as exporter:
        bad = make_server("tgi", metrics_url=f"{exporter.url}?1")
        make_server("node", metrics_url=exporter.url)
        assert scrape() == 1
    bad.refresh_from_db()
    assert bad.problem == "invalid"


def test_disabled_servers_are_not_asked_unless_by_name():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url, enabled=False)
        assert scrape() == 0
        assert exporter.asked == []
        assert scrape_server(server, now=NOW)


def test_a_server_removed_while_it_is_asked_is_forgotten():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url)
        chosen = [Server.objects.get()]
        server.delete()
        assert scrape(servers=chosen) == 0
    assert not ServerSample.objects.exists()


def test_a_token_is_read_from_the_environment_by_its_name(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GPU_METRICS_TOKEN", "s3cret")
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url, token_env="GPU_METRICS_TOKEN")
        assert scrape() == 1
        assert exporter.asked[0][1]["Authorization"] == "Bearer s3cret"
        monkeypatch.delenv("GPU_METRICS_TOKEN")
        assert scrape() == 0
    server.refresh_from_db()
    assert (server.problem, "s3cret" in server.error) == ("token", False)


def test_samples_are_kept_a_day_and_the_newest_for_ever():
    quiet = make_server(figures=vllm_figures(), at=NOW - timedelta(days=9))
    busy = make_server(figures=vllm_figures(), at=NOW)
    for hours in (23, 25, 48):
        for server, at in ((busy, NOW), (quiet, NOW - timedelta(days=9))):
            ServerSample.objects.create(
                server=server, at=at - timedelta(hours=hours), figures={}, counters={}
            )
    prune_samples(now=NOW)
    kept = [(s.server_id, NOW - s.at) for s in ServerSample.objects.order_by("-at")]
    assert kept == [
        (busy.pk, timedelta(0)),
        (busy.pk, timedelta(hours=23)),
        (quiet.pk, timedelta(days=9)),
    ]


def test_counters_go_once_no_reading_can_be_set_against_them():
    server = make_server()
    for age in (0, 10, 12, 60):
        ServerSample.objects.create(server=server, at=NOW - minutes(age), figures={}, counters={"a": {"": 1}})
    prune_samples(now=NOW)
    kept = ServerSample.objects.filter(counters__isnull=False).order_by("-at")
    assert [NOW - sample.at for sample in kept] == [minutes(0), minutes(10)]


def test_by_hand_once_in_ten_seconds_and_one_try_each():
    with exporting(text(b"", status=503)) as exporter:
        make_server(metrics_url=exporter.url)
        assert refresh_servers(now=NOW) == 0
        assert refresh_servers(now=NOW) is None
        assert len(exporter.asked) == 1


@pytest.mark.parametrize("number", [1, 20])
def test_reading_costs_three_queries_a_server_and_a_few_for_all(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
):
    with exporting(exposed("node")) as exporter:
        for n in range(number):
            make_server("node", metrics_url=f"{exporter.url}?{n}")
        # A savepoint, the sample, the server, the savepoint's release.
        with django_assert_num_queries(4 + 4 * number):
            assert scrape() == number


def test_an_older_run_that_ends_later_does_not_hide_a_newer_sample():
    with exporting(exposed("vllm")) as exporter:
        server = make_server(metrics_url=exporter.url)
        scrape_server(server, now=NOW + minutes(1))
        scrape_server(server, now=NOW)
    server.refresh_from_db()
    assert server.last_seen_at >= NOW + minutes(1)


def test_exporters_see_who_reads_them():
    with exporting(exposed("node")) as exporter:
        make_server("node", metrics_url=exporter.url)
        scrape()
        assert exporter.asked[0][1]["User-Agent"].startswith("AI-GO/")
