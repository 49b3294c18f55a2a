"""The pieces of `make bench`'s live part: the load generator's reading, the arithmetic, the verdicts."""

import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from benches.live import report
from benches.live.contenders import CONTENDERS
from benches.live.figures import Figures, Run, summarize
from benches.live.generator import Generator, build, generating, sent_at
from benches.live.goals import GOALS, Goal, Runs, judge
from benches.live.messages import message
from benches.live.scenarios import OURS, SCENARIOS, SOCKETIO
from benches.processes import CLIENT_CORE, ROOT
from status.live.frames import Frame, Parcel, socket_frame

FIGURES = Figures(
    delivered=1.0, cpu_us=8.0, p50_ms=3.0, p99_ms=7.0, max_ms=9.0, kb_per_client=24.0, others_share=0.0
)
UPGRADE = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"
EVENTS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
Talk = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def binary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("bench"))


@contextmanager
def talking(binary: Path, kind: str, talk: Talk, *, greetings: int = 0) -> Iterator[Generator]:
    """A generator whose clients meet `talk`, after the head of their request was read."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(60)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                assert b"\r\n\r\n" in connection.recv(4096)
                talk(connection)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        port = listener.getsockname()[1]
        with generating(
            binary, kind, port=port, path="/x", greetings=greetings, core=CLIENT_CORE, limit_s=120
        ) as generator:
            yield generator
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)


def sent_and_arrived(latencies: Sequence[int], *, since_ns: int) -> bool:
    """Whether each could have been sent and read since then."""
    return all(0 < latency < time.monotonic_ns() - since_ns for latency in latencies)


def moment() -> str:
    return message(150, time.monotonic_ns())


def frame(text: str) -> bytes:
    return socket_frame(text.encode())


def test_messages_are_read_from_whatever_pieces_they_come_in(binary: Path):
    since_ns = time.monotonic_ns()
    texts = [moment(), message(300, time.monotonic_ns()), message(70_000, time.monotonic_ns())]
    stream = b"".join(map(frame, texts))

    def talk(connection: socket.socket) -> None:
        connection.sendall(UPGRADE + stream[:3])
        for byte in stream[3:500]:
            connection.sendall(bytes([byte]))
        connection.sendall(stream[500:])
        connection.recv(1)

    with talking(binary, "websocket", talk) as generator:
        assert generator.connect(1) == 1
        assert generator.wait(3, 60) == 3
        latencies = generator.take()
        assert generator.wait(1, 0.01) == 0  # counted from the last `take` on

    assert len(latencies) == 3
    assert sent_and_arrived(latencies, since_ns=since_ns)


def test_a_client_is_ready_after_its_greetings_and_answers_pings(binary: Path):
    answers = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(UPGRADE + frame('{"type":"hello"}') + b"\x89\x02hi" + frame('{"type":"snapshot"}'))
        answers.append(connection.recv(100))
        connection.sendall(b"\x88\x00")

    with talking(binary, "websocket", talk, greetings=2) as generator:
        assert generator.connect(1) == 1

    assert answers == [b"\x8a\x82\x00\x00\x00\x00hi"]


def test_of_compressed_messages_the_moment_is_read_afterwards(binary: Path):
    def talk(connection: socket.socket) -> None:
        press = zlib.compressobj(wbits=-15)
        text = message(90_000, time.monotonic_ns()).encode()
        payload = (press.compress(text) + press.flush(zlib.Z_SYNC_FLUSH))[:-4]
        pressed = bytearray(socket_frame(payload))
        pressed[0] |= 0x40
        connection.sendall(UPGRADE + frame("{}") + 2 * bytes(pressed) + frame(moment()))
        connection.recv(1)

    since_ns = time.monotonic_ns()
    with talking(binary, "websocket", talk, greetings=1) as generator:
        generator.connect(1)
        assert generator.wait(3, 60) == 3
        latencies = generator.take()

    assert sent_and_arrived(latencies, since_ns=since_ns)
    with pytest.raises(ValueError, match="no moment"):
        sent_at(zlib.compress(b"nothing", wbits=-15))


def test_socket_io_is_spoken_as_far_as_it_takes(binary: Path):
    said = []

    def talk(connection: socket.socket) -> None:
        connection.sendall(UPGRADE + frame('0{"sid":"x"}'))
        said.append(connection.recv(100))
        connection.sendall(frame('40{"sid":"x"}') + frame("2"))
        said.append(connection.recv(100))
        connection.sendall(frame(f'42["status",{moment()}]'))
        connection.recv(1)

    with talking(binary, "socketio", talk, greetings=2) as generator:
        assert generator.connect(1) == 1
        assert generator.wait(1, 60) == 1

    assert said == [b"\x81\x82\x00\x00\x00\x0040", b"\x81\x81\x00\x00\x00\x003"]


def test_events_are_read_from_whatever_chunks_they_come_in(binary: Path):
    chunks = [Parcel([Frame({"type": "hello", "id": ""})]).chunk, b"7\r\n: ping\n\r\n", b"1\r\n\n\r\n"]

    def talk(connection: socket.socket) -> None:
        event = f"id: 1\nevent: update\ndata: {moment()}\n\n".encode()
        chunks.extend(b"%x\r\n%b\r\n" % (len(part), part) for part in (event[:60], event[60:]))
        stream = EVENTS + b"".join(chunks)
        for start in range(0, len(stream), 7):
            connection.sendall(stream[start : start + 7])
        connection.recv(1)

    with talking(binary, "sse", talk, greetings=1) as generator:
        assert generator.connect(1) == 1
        assert generator.wait(1, 60) == 1


def test_who_is_refused_or_cut_off_is_not_ready(binary: Path):
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with talking(binary, "websocket", talk) as generator:
        assert generator.connect(2) == 0


@pytest.mark.parametrize("size", [150, 100_000])
def test_a_message_has_exactly_its_size_and_says_early_when_it_was_sent(size: int):
    text = message(size, 123_456_789_012_345)

    assert len(text.encode()) == size
    assert "sent=123456789012345;" in text[:64]
    assert message(size, 123_456_789_012_345) == text


def test_a_run_becomes_figures_per_delivered_message_and_client():
    run = Run(10, 4, [4_000_000, 1_000_000, 2_000_000], cpu_s=0.75, memory_kb=240, others_share=0.2)
    nothing = replace(run, latencies_ns=[])

    assert summarize(run) == Figures(0.75, 250_000.0, 2.0, 4.0, 4.0, 24.0, 0.2)
    assert summarize(nothing).cpu_us is summarize(nothing).p99_ms is None


def test_a_goal_takes_the_median_of_the_ratios_and_forgives_no_loss():
    goal = Goal("delta", "CPU", lambda figures: figures.cpu_us, 0.5, SOCKETIO)
    ours = [replace(FIGURES, cpu_us=cost) for cost in (8, 9, 7)]
    peer = [replace(FIGURES, cpu_us=cost) for cost in (16, 16, 16)]

    assert judge(goal, {OURS: ours, SOCKETIO: peer}).value == 0.5
    assert judge(goal, {OURS: ours, SOCKETIO: peer}).met
    assert not judge(replace(goal, limit=0.49), {OURS: ours, SOCKETIO: peer}).met
    assert not judge(goal, {OURS: [*ours[:2], replace(ours[2], delivered=0.999)], SOCKETIO: peer}).met
    assert not judge(goal, {OURS: [None, *ours[:2]], SOCKETIO: peer}).met
    assert not judge(goal, {OURS: ours}).met


def test_every_goal_can_be_judged_by_the_plan():
    plan = {scenario.name: scenario.shares for scenario in SCENARIOS}

    for goal in GOALS:
        assert plan[goal.scenario][goal.contender] >= 5
        assert goal.beside is None or plan[goal.scenario][goal.beside] == plan[goal.scenario][goal.contender]
    assert {name for shares in plan.values() for name in shares} == set(CONTENDERS)


def test_the_report_shows_what_was_missed_what_failed_and_what_was_disturbed():
    scenario = next(each for each in SCENARIOS if each.name == "many")
    runs: Runs = {OURS: [replace(FIGURES, p99_ms=61.0, others_share=0.2), None], SOCKETIO: [FIGURES, FIGURES]}
    text = report.render([scenario], {"many": runs})

    assert "1 of 3 runs were disturbed" in text
    assert "**NOT met**" in text
    assert f"{OURS}: 1 runs failed." in text
    assert all(mark in (ROOT / "docs" / "benches.md").read_text() for mark in report.MARKS)
