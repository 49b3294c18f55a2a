"""`manage.py probe`: probes by hand."""

import json
import re
import sys
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from probes.attempts import Attempt
from probes.models import ProbeResult
from probes.tests.factories import make_endpoint
from testing.processes import ServerProcess, free_port

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0"])
    yield process.wait_for_line(r"ready on (http://\S+)").group(1)
    process.stop()


@pytest.fixture
def printed(capsys, monkeypatch, simulator_url):
    """Runs the command against the simulator; what it printed. `exits`: the status it must end with."""
    monkeypatch.setenv("SIMULATOR_URL", simulator_url)

    def run(*arguments: str, exits: int = 0) -> str:
        for _ in range(5):
            status: int | str | None = 0
            try:
                call_command("probe", *arguments)
            except SystemExit as ended:
                status = ended.code
            text: str = capsys.readouterr().out
            if "lagged" not in text:  # a busy machine holds the loop up now and then
                break
        assert status == exits
        return text

    return run


def test_the_phases_of_one_probe_are_printed_and_nothing_is_stored(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    text = printed("aurora-labs--aurora-1-small", "--region", "tokyo")
    assert "aurora-labs--aurora-1-small  region tokyo  tier B  openai_chat" in text
    assert re.search(r"^  TLS handshake +— +—  ▏$", text, re.MULTILINE)
    assert re.search(r"^  first token +\d+\.\d ms +\d+\.\d ms  ▏ *█", text, re.MULTILINE)
    assert "ok (HTTP 200, charged to: ok): answered completely and correctly" in text
    assert "stamped by the kernel" in text
    assert not ProbeResult.objects.exists()


def test_the_columns_are_aligned(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    lines = printed("aurora-labs--aurora-1-small").splitlines()
    assert {line.index("▏") for line in lines if "▏" in line} == {48}


def test_the_model_list_can_be_asked_for(printed):
    make_endpoint("aurora-labs", "aurora-1")
    assert "tier A" in printed("aurora-labs--aurora-1", "--tier", "A")


def test_json_is_the_attempt_itself(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    lines = printed("aurora-labs--aurora-1-small", "--json", "--count", "2").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [set(row) for row in rows] == [set(Attempt.__slots__)] * 2
    assert [Attempt.from_json(row).outcome for row in rows] == ["ok", "ok"]
    assert rows[0]["due_at"] < rows[1]["due_at"]


def test_many_probes_end_with_a_summary(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    text = printed("aurora-labs--aurora-1-small", "--count", "3")
    assert "3/3  aurora-labs--aurora-1-small" in text
    assert re.search(r"^ok 3/3\n  TTFT +p50 \d+\.\d ms  min \d+\.\d ms  max \d+\.\d ms\n  total ", text, re.M)


def test_a_failure_that_is_ours_says_so(printed):
    make_endpoint("aurora-labs", "nothing")
    text = printed("aurora-labs--nothing", exits=3)
    assert "bad_request (HTTP 404, charged to: ours)" in text
    assert "model_not_found" in text


def test_a_failure_of_the_provider_ends_with_1(printed):
    make_endpoint("aurora-labs", "aurora-1", base_url=f"http://127.0.0.1:{free_port()}/v1")
    assert "connect_error (charged to: provider)" in printed("aurora-labs--aurora-1", exits=1)


def test_a_missing_key_is_said(printed):
    make_endpoint("aurora-labs", "aurora-1", key_env="AURORA_API_KEY")
    assert "key not set" in printed("aurora-labs--aurora-1", exits=3)


@pytest.mark.parametrize("count", ["0", "-1", "1001", "many"])
def test_a_count_that_is_none_is_refused(printed, count):
    make_endpoint("aurora-labs", "aurora-1")
    with pytest.raises(CommandError, match="count"):
        printed("aurora-labs--aurora-1", "--count", count)


def test_an_endpoint_nobody_knows_gets_a_hint(printed):
    make_endpoint("aurora-labs", "aurora-1")
    with pytest.raises(CommandError, match="did you mean aurora-labs--aurora-1") as raised:
        printed("aurora-labs--aurora")
    assert raised.value.returncode == 2
    with pytest.raises(CommandError, match="none of 1 slugs is like it"):
        printed("xyz")


def test_an_empty_catalogue_is_said(printed):
    with pytest.raises(CommandError, match="import_catalog") as raised:
        printed("aurora-labs--aurora-1")
    assert raised.value.returncode == 2
