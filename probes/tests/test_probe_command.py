"""`manage.py probe`: one probe by hand."""

import re
import sys
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command

from probes.models import ProbeResult
from probes.tests.factories import make_endpoint
from testing.processes import ServerProcess

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0"])
    yield process.wait_for_line(r"ready on (http://\S+)").group(1)
    process.stop()


@pytest.fixture
def printed(capsys, monkeypatch, simulator_url):
    """Runs the command against the simulator; what it printed."""
    monkeypatch.setenv("SIMULATOR_URL", simulator_url)

    def run(*arguments: str) -> str:
        call_command("probe", *arguments)
        text: str = capsys.readouterr().out
        return text

    return run


def test_the_phases_of_one_probe_are_printed_and_nothing_is_stored(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    text = printed("aurora-labs--aurora-1-small", "--region", "tokyo")
    assert "aurora-labs--aurora-1-small  region tokyo  tier B  openai_chat" in text
    assert re.search(r"^  DNS +—", text, re.MULTILINE)
    assert re.search(r"^  first answer token +\d+\.\d ms", text, re.MULTILINE)
    assert "ok (HTTP 200, charged to: ok): answered completely and correctly" in text
    assert not ProbeResult.objects.exists()


def test_the_columns_are_aligned(printed):
    make_endpoint("aurora-labs", "aurora-1-small")
    lines = printed("aurora-labs--aurora-1-small").splitlines()
    ends = {match.end() for line in lines if (match := re.match(r"  [\w ]+? +(\d+\.\d ms|—)(?=  )", line))}
    assert ends == {34}


def test_the_model_list_can_be_asked_for(printed):
    make_endpoint("aurora-labs", "aurora-1")
    assert "tier A" in printed("aurora-labs--aurora-1", "--tier", "A")


def test_a_failure_says_whose_it_is(printed):
    make_endpoint("aurora-labs", "nothing")
    text = printed("aurora-labs--nothing")
    assert "bad_request (HTTP 404, charged to: ours)" in text
    assert "model_not_found" in text


def test_a_missing_key_is_said(printed):
    make_endpoint("aurora-labs", "aurora-1", key_env="AURORA_API_KEY")
    assert "key not set" in printed("aurora-labs--aurora-1")


def test_an_endpoint_nobody_knows_gets_a_hint(printed):
    make_endpoint("aurora-labs", "aurora-1")
    with pytest.raises(CommandError, match="did you mean aurora-labs--aurora-1"):
        printed("aurora-labs--aurora")
    with pytest.raises(CommandError, match="none of 1 slugs is like it"):
        printed("xyz")


def test_an_empty_catalogue_is_said(printed):
    with pytest.raises(CommandError, match="import_catalog"):
        printed("aurora-labs--aurora-1")
