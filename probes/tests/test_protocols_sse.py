"""The incremental parser of event streams."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.protocols.sse import MAX_LINE_BYTES, SseError, SseEvent, SseParser

STREAM = (
    ": a comment\n\n"
    'event: delta\ndata: {"text": "안녕 🙂"}\n\n'
    "data: one\ndata: two\n\n"
    "id: 7\nretry: 10\n\n"
    "data:no blank\n\n"
    "event: nameless\n\n"
    "data: [DONE]\n\n"
)
EVENTS = [
    ("delta", '{"text": "안녕 🙂"}'),
    ("", "one\ntwo"),
    ("", "no blank"),
    ("", "[DONE]"),
]


def parse(*pieces: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)] + parser.close()


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_gives_the_same_events(ending):
    assert parse(STREAM.replace("\n", ending).encode()) == EVENTS


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_one_byte_at_a_time_gives_the_same_events(ending):
    data = STREAM.replace("\n", ending).encode()
    assert parse(*(bytes([byte]) for byte in data)) == EVENTS


@given(cuts=st.lists(st.integers(0, 200), max_size=12), ending=st.sampled_from(["\n", "\r\n", "\r"]))
def test_any_cut_gives_the_same_events(cuts, ending):
    data = STREAM.replace("\n", ending).encode()
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    assert parse(*(data[a:b] for a, b in pairwise(edges))) == EVENTS


def test_comments_are_counted():
    parser = SseParser()
    parser.feed(b": keep-alive\n\n: OPENROUTER PROCESSING\n\n")
    assert parser.comments == 2


def test_a_last_event_without_its_blank_line_is_given_at_the_end():
    assert parse(b"data: [DONE]\n") == [("", "[DONE]")]


def test_a_line_cut_in_the_middle_is_dropped():
    assert parse(b'data: {"a"') == []


def test_a_line_separator_inside_json_ends_no_line():
    assert parse("data: a\u2028b\n\n".encode()) == [("", "a\u2028b")]


def test_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(SseError, match="UTF-8"):
        SseParser().feed(b"data: \xff\xfe\n\n")


def test_a_mark_of_byte_order_is_no_part_of_the_first_line():
    assert parse(b"\xef\xbb\xbfdata: a\n\n") == [("", "a")]


def test_a_line_without_end_is_refused():
    with pytest.raises(SseError, match="without end"):
        SseParser().feed(b"data: " + b"x" * MAX_LINE_BYTES)
