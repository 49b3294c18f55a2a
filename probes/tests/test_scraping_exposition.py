"""Texts as servers should not write them: each is refused by name and in time."""

import time

import pytest

from probes.scraping.exposition import MAX_LINE_CHARS, MAX_SERIES, read_text
from probes.scraping.problems import Problem, ScrapeError

WANTED = {"up", "other"}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"<!doctype html><html>", Problem.NOT_TEXT),
        (b'{"error": "not found"}\nhello', Problem.NOT_TEXT),
        (b"\x1f\x8b\x08binary", Problem.NOT_TEXT),
        (b"up 1\nup\x002 1", Problem.NOT_TEXT),
        (b"up{a=\xff} 1", Problem.NOT_TEXT),
        (b"up one", Problem.INVALID),
        (b'up{a="b" 1', Problem.INVALID),
        (b"up{a=b} 1", Problem.INVALID),
        (b'up{a="1",a="2"} 1', Problem.INVALID),
        (b"up ", Problem.NOT_TEXT),
        (b"up " + b"9" * 400, Problem.INVALID),
        (b'up{a="1"} 1\nup{a="1"} 2', Problem.INVALID),
        (b'up{a="1",b="2"} 1\nup{b="2",a="1"} 1', Problem.INVALID),
        (b'up{a="' + b"x" * MAX_LINE_CHARS + b'"} 1', Problem.INVALID),
        (b"".join(b'up{a="%d"} 1\n' % n for n in range(MAX_SERIES + 1)), Problem.TOO_MANY),
    ],
    ids=lambda value: value.decode(errors="replace")[:30] if isinstance(value, bytes) else str(value),
)
def test_a_text_that_cannot_be_believed_is_refused_by_name(body: bytes, problem: Problem):
    with pytest.raises(ScrapeError) as caught:
        read_text(body, WANTED)
    assert caught.value.problem is problem
    assert len(caught.value.detail) <= 300


@pytest.mark.parametrize("value", ["NaN", "+Inf", "-Inf", "-1"])
def test_what_is_no_figure_is_not_told(value: str):
    text = read_text(f"up {value}\nother 2".encode(), WANTED)
    assert text.of("up") == ()
    assert text.of("up", "other") == [({}, 2.0)]


def test_labels_timestamps_tabs_escapes_and_carriage_returns_are_read():
    body = b'# HELP up x\r\nup{a="q\\"uo\\\\te",} 1.5e3 1395066363000\r\n\r\nother\t7\n{"utf8.name"} 1\n'
    text = read_text(body, WANTED)
    assert text.of("up") == [({"a": 'q"uo\\te'}, 1500.0)]
    assert text.of("other") == [({}, 7.0)]


def test_metrics_nobody_asked_for_are_not_even_parsed():
    huge = b'foreign{x="' + b"y" * 1_000_000 + b'"} 1\n' + b"foreign nonsense\n" * 100_000
    started = time.perf_counter()
    assert read_text(huge + b"up 1\n", WANTED).of("up") == [({}, 1.0)]
    assert time.perf_counter() - started < 30


def test_the_costliest_text_that_is_still_read_takes_seconds_not_minutes():
    line = b"up{" + b",".join(b'l%d="\\"\\""' % n for n in range(150)) + b',n="%d"} 1\n'
    body = b"".join(line % n for n in range(4_000_000 // len(line)))
    started = time.process_time()
    read_text(body, WANTED)
    assert time.process_time() - started < 60
