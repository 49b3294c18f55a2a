"""The engine as what it is: a child process that reads and writes lines."""

import json
import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from probes.attempts import Attempt
from probes.confirming import contradicts, same_class
from probes.engine import keys_present
from probes.engine_client import SPECS_PER_LINE, EngineClient, EngineDied, EngineError
from probes.tests.making import happened, make_spec
from testing.environment import clean_environment
from testing.patience import PATIENCE_S
from testing.processes import ServerProcess, free_port


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0"])
    yield process.wait_for_line(r"ready on (http://\S+)").group(1)
    process.stop()


@pytest.fixture
def client(simulator_url: str) -> Iterator[EngineClient]:
    environment = {"SIMULATOR_URL": simulator_url, "SOME_API_KEY": "planted-secret-7"}
    engine = EngineClient("seoul-1", environment, max_lag_ms=math.inf)  # of lag: test_engine_lag
    engine.start()
    yield engine
    engine.close()


class Collector(list[Attempt]):
    """Gathers what the engine emits; `changed` wakes whoever waits for more."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = threading.Event()

    def __call__(self, attempts: list[Attempt]) -> None:
        self.extend(attempts)
        self.changed.set()


def simulated(**changes):
    changes = {"base_url": "simulator:/aurora-labs/v1", "provider_model_id": "aurora-1-small"} | changes
    return make_spec(due_at=time.time(), **changes)


def run(client: EngineClient, *specs) -> list[Attempt]:
    collected = Collector()
    client.submit(list(specs), collected).result(PATIENCE_S)
    return sorted(collected, key=lambda attempt: (attempt.target_id, attempt.attempt))


def test_the_engine_measures_the_simulator(client):
    (attempt,) = run(client, simulated(target_id=5))
    assert (attempt.outcome, attempt.worker, attempt.target_id) == ("ok", "seoul-1", 5)
    assert attempt.method_version
    assert 100 < happened(attempt.total_ms) < 7000


def test_key_names_are_told_and_values_are_not(client):
    client.start()
    assert client.keys == ["SOME_API_KEY"]


def test_keys_are_found_by_their_name():
    assert keys_present({"A_API_KEY": "x", "B_API_KEY": " ", "C_TOKEN": "y"}) == ["A_API_KEY"]


def test_an_unexpected_failure_is_confirmed_twice(client):
    spec = make_spec(base_url=f"http://127.0.0.1:{free_port()}/v1", due_at=time.time())
    attempts = run(client, spec)
    assert [(attempt.attempt, attempt.outcome) for attempt in attempts] == [
        (1, "connect_error"),
        (2, "connect_error"),
        (3, "connect_error"),
    ]
    starts = [attempt.started_at for attempt in attempts]
    assert 0.75 < starts[1] - starts[0] < 10
    assert 1.5 < starts[2] - starts[1] < 10
    assert {attempt.due_at for attempt in attempts} == {spec.due_at}


def test_an_expected_failure_is_not_repeated(client):
    spec = make_spec(base_url=f"http://127.0.0.1:{free_port()}/v1", due_at=time.time(), expect_ok=False)
    assert len(run(client, spec)) == 1


def test_an_unexpected_recovery_is_confirmed(client):
    attempts = run(client, simulated(expect_ok=False))
    assert [attempt.outcome for attempt in attempts] == ["ok", "ok", "ok"]


def test_what_is_ours_is_not_repeated(client):
    attempts = run(
        client, simulated(target_id=1, key_env="MISSING_API_KEY"), simulated(target_id=2, protocol="x")
    )
    assert [(attempt.attempt, attempt.outcome) for attempt in attempts] == [(1, "auth"), (1, "bad_request")]


def test_a_probe_waits_for_its_moment_and_a_late_one_is_not_sent(client):
    later = make_spec(target_id=1, due_at=time.time() + 0.5, base_url="simulator:/aurora-labs/v1", tier="A")
    late = make_spec(target_id=2, due_at=time.time() - 6)
    first, second = run(client, later, late)
    assert first.started_at >= later.due_at - 0.01
    assert (second.outcome, second.total_ms) == ("lagged", None)
    assert second.lag_ms > 5000


def test_a_slow_endpoint_holds_nobody_up(client):
    collected = Collector()
    slow = simulated(target_id=1, provider_model_id="tarn-open-60b", base_url="simulator:/tarnwater-cloud/v1")
    future = client.submit([slow, simulated(target_id=2)], collected)
    assert collected.changed.wait(PATIENCE_S)
    assert [attempt.target_id for attempt in collected] == [2]
    assert not future.done()
    future.result(PATIENCE_S)


def test_many_probes_at_once_start_on_time(client):
    attempts = run(client, *(simulated(target_id=n, tier="A") for n in range(60)))
    assert {attempt.outcome for attempt in attempts} == {"ok"}
    assert sorted(attempt.lag_ms for attempt in attempts)[30] < 1000


def test_a_batch_of_many_lines_is_done_when_all_of_them_are(client):
    count = SPECS_PER_LINE * 2 + 1
    attempts = run(client, *(simulated(target_id=n, endpoint=f"a--{n}", protocol="x") for n in range(count)))
    assert [attempt.target_id for attempt in attempts] == list(range(count))


def test_a_store_that_fails_fails_the_batch_and_not_the_engine(client):
    def broken(attempts):
        raise RuntimeError("database is locked")

    with pytest.raises(RuntimeError, match="locked"):
        client.submit([simulated()], broken).result(PATIENCE_S)
    assert run(client, simulated())[0].outcome == "ok"


def test_a_killed_engine_fails_its_batches_and_is_started_anew(client):
    client.start()
    future = client.submit([make_spec(due_at=time.time() + 60)], Collector())
    first = client.pid
    os.kill(first, signal.SIGKILL)
    with pytest.raises(EngineDied):
        future.result(PATIENCE_S)
    assert run(client, simulated())[0].outcome == "ok"
    assert client.pid != first


def test_a_closed_client_starts_nothing(client):
    client.start()
    client.close()
    assert client.pid is None
    with pytest.raises(EngineError, match="closed"):
        client.submit([simulated()], Collector())


def test_an_empty_batch_is_done_at_once(client):
    assert run(client) == []


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "probes.engine", "--worker", "w"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=clean_environment(),
        bufsize=0,  # so that `select` knows what is still to be read
    )
    with process:
        yield process
        process.kill()


def say(child: subprocess.Popen[bytes], line: str) -> None:
    assert child.stdin
    child.stdin.write(line.encode() + b"\n")


def hear(child: subprocess.Popen[bytes]) -> dict:
    assert child.stdout
    readable, _, _ = select.select([child.stdout], [], [], PATIENCE_S)
    assert readable, "the engine says nothing"
    message: dict = json.loads(child.stdout.readline())
    return message


def test_lines_that_cannot_be_read_do_not_stop_the_engine(child):
    assert hear(child)["type"] == "ready"
    for line in ("not json", "[1]", '{"type": "batch"}', '{"type": "dance"}'):
        say(child, line)
        assert hear(child)["type"] == "error"
    say(child, json.dumps({"type": "batch", "id": "b", "specs": [{"endpoint": "half"}]}))
    assert hear(child) | {"error": ""} == {"type": "error", "id": "b", "error": ""}
    assert hear(child) == {"type": "done", "id": "b"}


def test_the_engine_ends_with_its_input_and_reports_what_was_under_way(child):
    assert hear(child)["type"] == "ready"
    spec = make_spec(due_at=time.time() + 60).to_json()
    say(child, json.dumps({"type": "batch", "id": "b", "specs": [spec]}))
    child.stdin.close()
    results = hear(child)
    assert [row["outcome"] for row in results["attempts"]] == ["cancelled"]
    assert child.wait(PATIENCE_S) == 0


@pytest.mark.parametrize(
    ("outcome", "expect_ok", "confirm"),
    [
        ("http_5xx", True, True),
        ("ok", True, False),
        ("ok", False, True),
        ("http_5xx", False, False),
        ("auth", True, False),
    ],
)
def test_when_an_attempt_is_confirmed(outcome, expect_ok, confirm):
    assert contradicts(outcome, expect_ok=expect_ok) is confirm


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("timeout", "http_5xx", True),
        ("timeout", "ok", False),
        ("timeout", "rate_limited", False),
        ("ok", "ok", True),
    ],
)
def test_which_outcomes_say_the_same(first, second, same):
    assert same_class(first, second) is same
