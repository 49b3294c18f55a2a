"""Usage on the board: as an endpoint's own servers count it, and from nowhere else."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from probes.servers import FRESH
from probes.tests.factories import NOW, make_endpoint
from probes.tests.serving import make_real_endpoint, make_server, vllm_figures
from status.board import BoardRow
from status.selectors import load_board

pytestmark = pytest.mark.django_db


def board_rows() -> dict[str, BoardRow]:
    return {row.slug: row for row in load_board("all", now=NOW).endpoints}


def test_a_row_shows_what_its_servers_count_and_names_them():
    endpoint = make_real_endpoint()
    make_server(name="GPU 1", endpoint=endpoint, figures=vllm_figures())
    make_server(name="GPU 2", endpoint=endpoint, figures=vllm_figures(requests_per_min=0.5))
    make_server(name="GPU 3", endpoint=endpoint)
    row = board_rows()["own--llama-3.3-70b"]
    assert (row.usage_rpm, row.usage_servers, row.usage_silent) == (120.5, ("GPU 1", "GPU 2"), ("GPU 3",))
    assert row.usage_at == NOW
    told = row.to_json()
    assert (told["usage_rpm"], told["usage_servers"]) == (120.5, ["GPU 1", "GPU 2"])
    assert told["usage_at"] == "2026-11-21T12:00:00Z"


@pytest.mark.parametrize(
    ("age", "shown"), [(FRESH - timedelta(microseconds=1), 120.0), (FRESH, None), (timedelta(hours=1), None)]
)
def test_usage_older_than_three_minutes_is_not_shown_as_if_it_were_now(age: timedelta, shown: float | None):
    make_server(endpoint=make_real_endpoint(), figures=vllm_figures(), at=NOW - age)
    assert board_rows()["own--llama-3.3-70b"].usage_rpm == shown


def test_an_endpoint_without_a_server_has_no_usage_whatever_we_probe():
    make_endpoint()
    row = board_rows()["nimbus--nimbus-1"]
    assert (row.usage_rpm, row.usage_servers, row.usage_at) == (None, (), None)


def test_the_busiest_endpoint_comes_first_and_the_unknown_last():
    for model, rate in (("quiet", 1.0), ("busy", 900.0), ("idle", 0.0)):
        make_server(endpoint=make_real_endpoint(model), figures=vllm_figures(requests_per_min=rate))
    make_real_endpoint("untold")
    order = [row.slug for row in load_board("all", sort="usage", now=NOW).endpoints]
    assert order == ["own--busy", "own--quiet", "own--idle", "own--untold"]


def test_the_page_says_which_servers_counted_and_which_did_not(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("status.selectors._covered", lambda *args: True)
    endpoint, silent = make_real_endpoint("a"), make_real_endpoint("b")
    make_server(name="GPU 1", endpoint=endpoint, figures=vllm_figures(), at=timezone.now())
    make_server(name="GPU 2", endpoint=endpoint)
    make_server(name="GPU 3", endpoint=silent)

    def told(slug: str) -> str:
        answer = client.get(f"/status/about/{slug}").content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", answer).split())

    assert "Counted by GPU 1" in told(endpoint.slug)
    assert "Not told by GPU 2." in told(endpoint.slug)
    assert "Not told within three minutes by GPU 3." in told(silent.slug)
