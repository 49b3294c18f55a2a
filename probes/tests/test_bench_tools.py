"""The pieces of `make bench`: the scripted server's truth, the tools' frame, the arithmetic, the verdicts."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from benches import report
from benches.engine import EngineTool
from benches.figures import Figures, error_ms, percentile, summarize
from benches.goals import GOALS, LEAST_TIMED, Goal, Runs, judge
from benches.jobs import Job, Outcome, Sighting
from benches.peers import PeerTool
from benches.processes import ROOT
from benches.scenarios import SCENARIOS
from benches.scripted import ScriptedServer, Truth, build
from benches.tools import OURS, PYCURL, TOOLS, Tool

REQUEST = b"POST /r%d/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
FIGURES = Figures(
    offered=100,
    timed=1.0,
    p50_ms=0.1,
    p95_ms=0.2,
    p99_ms=1.0,
    max_ms=2.0,
    start_lag_p99_ms=0.5,
    cpu_s_per_1000=0.4,
    peak_mb=40.0,
    others_share=0.0,
    warm=0,
    server_late_p99_ms=0.1,
    server_sending_p99_ms=0.02,
)
TRUTH = Truth(
    id=1,
    cold=True,
    requested_s=10.0,
    first_token_s=10.2,
    end_s=10.38,
    sending_s=0.00001,
    late_s=0.0001,
    worst_late_s=0.0002,
)


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("bench"), tls=False)


@pytest.fixture
def server(binary: Path) -> Iterator[ScriptedServer]:
    running = ScriptedServer(binary, core=None)
    yield running
    running.close()


def connect(server: ScriptedServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(server.root().rpartition(":")[2])), timeout=60)


def read_answer(connection: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"0\r\n\r\n"):
        piece = connection.recv(65536)
        assert piece, "the server hung up"
        answer += piece
    return answer


def test_the_server_answers_with_a_chat_stream_and_tells_when(server: ScriptedServer):
    with connect(server) as connection:
        began = time.monotonic()
        connection.sendall(REQUEST % 17)
        answer = read_answer(connection)
    (truth,) = server.take()
    ended = time.monotonic()  # what is sent is noted after it has been read, perhaps

    assert answer.count(b"data: ") == 12  # role, 8 tokens, finish, usage, [DONE]
    assert b"[DONE]" in answer
    assert (truth.id, truth.cold) == (17, True)
    assert began < truth.requested_s < truth.first_token_s < truth.end_s < ended
    assert truth.first_token_s - truth.requested_s >= 0.2
    assert truth.end_s - truth.requested_s >= 0.38  # by its timetable, which a late token does not move
    assert truth.worst_late_s >= truth.late_s >= 0
    assert truth.sending_s > 0
    assert server.take() == []


def test_the_server_marks_a_connection_that_is_used_twice_and_an_answer_that_nobody_awaits(
    server: ScriptedServer,
):
    with connect(server) as connection:
        for probe_id in (1, 2):
            connection.sendall(REQUEST % probe_id)
            read_answer(connection)
    with connect(server) as connection:
        connection.sendall(REQUEST % 3)
        connection.recv(1)
    rows: list[Truth] = []
    while len(rows) < 3:
        rows += server.take()
        time.sleep(0.02)
    truths = {truth.id: truth for truth in rows}

    assert [truths[probe_id].cold for probe_id in (1, 2, 3)] == [True, False, True]
    assert truths[3].end_s is None


@pytest.mark.parametrize("tool", [EngineTool(), PeerTool("aiohttp_session")], ids=["engine", "aiohttp"])
def test_a_tool_makes_every_probe_of_a_job_and_names_the_moment_of_its_first_token(
    server: ScriptedServer, tool: Tool
):
    job = Job(server.root(), [0.0, 0.05, 0.1], ca_file="", max_in_flight=10, limit_s=60)
    outcome = tool.run(job)
    truths = server.take()

    assert sorted(truth.id for truth in truths) == [1, 2, 3]
    assert sorted(sighting.id for sighting in outcome.sightings) == [1, 2, 3]
    for sighting in outcome.sightings:
        assert sighting.started_s >= outcome.begin_s + job.starts_s[sighting.id - 1] - 0.002
        assert sighting.first_token_s - sighting.started_s >= 0.19
    assert outcome.cpu_s > 0
    assert outcome.peak_mb > 1
    assert summarize(job, outcome, truths).warm == 0


def test_a_percentile_is_the_nearest_rank():
    assert percentile([], 0.99) is None
    assert percentile([5.0], 0.01) == 5.0
    assert percentile(list(range(1, 101)), 0.99) == 99
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.0


def test_an_error_is_absolute_and_held_against_the_event_that_the_tool_names():
    assert error_ms(Sighting(1, first_token_s=10.203), TRUTH) == pytest.approx(3)
    assert error_ms(Sighting(1, first_token_s=10.197), TRUTH) == pytest.approx(3)
    assert error_ms(Sighting(1, whole_s=0.385), TRUTH) == pytest.approx(5)
    assert error_ms(Sighting(1, first_token_s=10.2, problem="timeout"), TRUTH) is None
    assert error_ms(Sighting(1), TRUTH) is None
    assert error_ms(Sighting(1, first_token_s=10.2), replace(TRUTH, first_token_s=None)) is None


def test_what_was_not_timed_lowers_the_share_and_starts_are_held_against_the_plan():
    job = Job("http://127.0.0.1:1", [0.0, 0.1], ca_file="", max_in_flight=1, limit_s=1)
    seen = [Sighting(1, 10.001, 10.201), Sighting(2, 10.104, problem="lagged 1"), Sighting(3, 10.1, 10.3)]
    outcome = Outcome(10.0, seen[:2], cpu_s=0.5, peak_mb=30, others_share=0.25)
    figures = summarize(job, outcome, [TRUTH, replace(TRUTH, id=2, cold=False)])

    assert figures.timed == 0.5
    assert figures.p99_ms == pytest.approx(1)
    assert figures.start_lag_p99_ms == pytest.approx(4)
    assert figures.cpu_s_per_1000 == 250
    assert (figures.warm, figures.problems) == (1, ("1 x lagged 1",))


def test_a_goal_beside_a_peer_takes_the_median_of_the_ratios_of_each_repetition():
    goal = Goal("100", "CPU", lambda figures: figures.cpu_s_per_1000, 1.0, PYCURL)
    ours = [replace(FIGURES, cpu_s_per_1000=cpu) for cpu in (0.4, 0.9, 0.5)]
    peer = [replace(FIGURES, cpu_s_per_1000=cpu) for cpu in (0.5, 0.3, 0.5)]

    assert judge(goal, {OURS: ours, PYCURL: peer}).value == 1.0
    assert judge(goal, {OURS: ours, PYCURL: peer}).met
    assert not judge(replace(goal, limit=0.99), {OURS: ours, PYCURL: peer}).met
    assert not judge(goal, {OURS: [None], PYCURL: peer}).met
    assert not judge(goal, {PYCURL: peer}).met
    assert not judge(goal, {OURS: ours}).met


@pytest.mark.parametrize(("timed", "met"), [(LEAST_TIMED, True), (LEAST_TIMED - 0.01, False)])
def test_a_goal_is_not_met_by_leaving_probes_out(timed: float, met: bool):
    goal = Goal("day", "p99", lambda figures: figures.p99_ms, 2.0)

    assert judge(goal, {OURS: [FIGURES, replace(FIGURES, timed=timed), FIGURES]}).met is met


def test_every_goal_can_be_judged_by_the_plan():
    plan = {scenario.name: scenario.shares for scenario in SCENARIOS}

    for goal in GOALS:
        assert plan[goal.scenario][OURS].times >= 3
        assert goal.beside is None or plan[goal.scenario][goal.beside] == plan[goal.scenario][OURS]
    assert {tool for shares in plan.values() for tool in shares} == set(TOOLS)


def test_starts_keep_their_rate_for_a_part_and_are_the_same_each_time():
    for scenario in SCENARIOS:
        whole, part = scenario.starts_s(1.0), scenario.starts_s(0.2)
        assert whole == sorted(whole) == scenario.starts_s(1.0)
        assert len(whole) == scenario.probes
        assert whole[-1] <= scenario.seconds
        assert part[-1] <= scenario.seconds * 0.2


def test_the_report_shows_a_goal_that_was_missed_and_a_run_that_failed():
    scenario = next(each for each in SCENARIOS if each.name == "day")
    runs: Runs = {OURS: [replace(FIGURES, p99_ms=2.5), None], PYCURL: [replace(FIGURES, warm=4)]}
    table = report.scenario_table(scenario, runs)

    assert "NOT met" in report.goals_table({"day": runs})
    assert f"{OURS}: 1 runs failed." in table
    assert f"{PYCURL}: 4 requests went over a connection that was not cold." in table


def test_the_report_counts_the_runs_in_which_others_took_the_core():
    busy, quiet = replace(FIGURES, others_share=0.11), replace(FIGURES, others_share=0.1)
    line = report.quiet_line({"day": {OURS: [busy, quiet, None]}, "neighbour": {OURS: [busy]}}, SCENARIOS)

    assert line.startswith("1 of 2 runs were disturbed")


def test_the_figures_replace_what_stood_between_the_marks_of_the_document(tmp_path: Path):
    document = tmp_path / "benches.md"
    document.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")
    report.write_into(document, "new")

    assert document.read_text() == "before\n<!-- figures -->\n\nnew\n\n<!-- /figures -->\nafter\n"
    document.write_text("no marks")
    with pytest.raises(ValueError, match="figures"):
        report.write_into(document, "new")
    assert all(mark in (ROOT / "docs" / "benches.md").read_text() for mark in report.MARKS)
