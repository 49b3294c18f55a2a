"""A key that a provider echoes is masked wherever a text of it is cut, too."""

import json
from collections.abc import Callable

import pytest

from probes.attempts import MAX_CHARS
from probes.protocols import PROTOCOLS
from probes.protocols.blame import rows_for
from probes.protocols.errors import ErrorBody
from probes.protocols.judging import judge
from probes.scrubbing import clean_texts, scrub

#: Of no vendor's shape: only who knows it can mask it.
KEY = "Zk3p9QwErTy8uIoPaSdF5gHjKlZxCvBn"


def leaked(text: str) -> bool:
    """Whether six characters of the key in a row stand in the text."""
    return any(KEY[at : at + 6] in text for at in range(len(KEY) - 5))


def detail_of(body: str, protocol: str = "openai_chat", tier: str = "B") -> str:
    """What a row keeps of an answer that began with 200."""
    description = PROTOCOLS[protocol]
    reader = description.reader(tier)
    reader.feed(body.encode())
    reader.close(whole=True)
    return kept(judge(reader.facts, description.endings, rows_for(protocol), "79")[1])


def kept(detail: str) -> str:
    cleaned: str = clean_texts({"error_detail": detail}, [KEY])["error_detail"]
    return cleaned


def chunk(text: str) -> str:
    told = {"choices": [{"delta": {"content": text}, "finish_reason": "stop"}]}
    return f"data: {json.dumps(told)}\n\ndata: [DONE]\n\n"


#: where a provider may put it, after so much other text
ECHOES: dict[str, Callable[[str], str]] = {
    "a payload that is no JSON": lambda text: detail_of(f"data: {text}\n\n"),
    "JSON instead of a stream": lambda text: detail_of(f'{{"x": "{text}"}}'),
    "a list that is none": lambda text: detail_of(text, tier="A"),
    "a wrong answer": lambda text: detail_of(chunk(text)),
    "an error page": lambda text: kept(ErrorBody(500, {}, text.encode()).answer().info.summary()),
    "a header": lambda text: kept(
        ErrorBody(500, {"x-error-message": text}, b"{}").answer().info.summary(),
    ),
}


@pytest.mark.parametrize("echo", ECHOES)
def test_no_piece_of_a_key_is_kept_wherever_the_text_is_cut(echo):
    assert "***" in ECHOES[echo](f"key {KEY} refused")
    for before in (*range(0, 340), *range(1_940, 2_010)):
        detail = ECHOES[echo]("p" * before + KEY + "q" * 3_000)
        assert not leaked(detail), (before, detail)
        assert len(detail) <= MAX_CHARS["error_detail"]


@pytest.mark.parametrize("name", ["answered_model", "fingerprint", "request_id"])
def test_no_piece_of_a_key_is_kept_in_a_name(name):
    for before in (*range(60, 210), *range(960, 1_010), *range(1_960, 2_010)):
        reader = PROTOCOLS["openai_chat"].reader("B")
        text = "p" * before + KEY
        names = {"model": text, "system_fingerprint": text, "id": text}
        reader.feed(f"data: {json.dumps(names)}\n\n".encode())
        assert not leaked(clean_texts({name: getattr(reader.facts, name)}, [KEY])[name]), before


@pytest.mark.parametrize("length", range(6, len(KEY)))
def test_a_half_of_a_secret_at_the_edge_of_a_text_is_masked(length):
    assert scrub(f"refused {KEY[:length]}", [KEY]) == "refused ***"
    assert scrub(f"refused '{KEY[:length]}...'", [KEY]) == "refused '***...'"
    assert scrub(f"{KEY[-length:]} refused", [KEY]) == "*** refused"
    assert scrub(f'"{KEY[-length:]}" refused', [KEY]) == '"***" refused'


def test_a_few_equal_characters_are_no_secret():
    assert scrub(f"refused {KEY[:5]}", [KEY]) == f"refused {KEY[:5]}"
    assert scrub(f"{KEY[-5:]} refused", [KEY]) == f"{KEY[-5:]} refused"
    assert scrub("refused", ["re"]) == "refused"
