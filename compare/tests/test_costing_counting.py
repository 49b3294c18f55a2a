"""Counting tokens as models do, in a process of its own, and estimating where nobody publishes how."""

import json

import pytest

from compare.costing.counter import counted
from compare.costing.counting import CountingClient, CountingFailed
from compare.costing.estimating import KOREAN_FROM, MEASURED_FROM, PANEL, errors, estimate, script_of
from compare.costing.families import rule_of, rules
from compare.costing.samples import SAMPLES, sample_text
from compare.costing.vocabularies import DATA, UnknownVocabulary, counter_of, vocabularies
from testing.patience import PATIENCE_S

pytestmark = pytest.mark.only_on("sqlite")


#: As their makers' own tokenizers count these texts (the `tokenizers` library with their tokenizer.json).
KNOWN = {
    "한국어 문장의 토큰 수를 셉니다.": {"o200k_base": 12, "deepseek": 16, "gemma3": 11},
    "The quick brown fox, 1234567 times.": {"o200k_base": 11, "deepseek": 11, "gemma3": 15},
}


def test_every_vocabulary_is_described_and_ships():
    files = {path.stem for path in (DATA / "vocabularies").glob("*.xz")}
    assert files == set(vocabularies())
    for vocabulary in vocabularies().values():
        assert vocabulary.source["url"].startswith("https://")
        assert vocabulary.source["licence"]
        assert len(vocabulary.source["sha256"]) == 64
        assert vocabulary.checked["differ"] == 0
    assert set(PANEL) <= files


def test_what_a_vocabulary_does_not_know_is_counted_byte_by_byte():
    count = counter_of("gemma3")
    assert count("") == 0
    assert count("hello world") == 2
    assert count(" " * 31) == 1
    assert count("\U000e0041") == 4


def test_an_unknown_vocabulary_is_named():
    with pytest.raises(UnknownVocabulary, match="'gpt9'"):
        counter_of("gpt9")


def test_one_that_fails_does_not_take_the_others_with_it(monkeypatch):
    def failing(name):
        raise BaseException("panic")

    monkeypatch.setattr("compare.costing.counter._counter", failing)
    assert counted("x", ["o200k_base"]) == {"o200k_base": None}


def test_the_process_counts_remembers_and_ends():
    client = CountingClient(most_s=PATIENCE_S)
    try:
        for text, counts in KNOWN.items():
            assert client.count(text, counts) == counts
        child = client._child
        assert child is not None
        assert client.count("hello world", ["cl100k_base"]) == {"cl100k_base": 2}
        assert client._child is child
        assert client.count("", ["cl100k_base"]) == {"cl100k_base": 0}
        assert not any("hello" in digest for digest in client._known)
        child.kill()
        child.wait(PATIENCE_S)
        assert client.count("hello again", ["cl100k_base"]) == {"cl100k_base": 2}
    finally:
        client.close()
    assert client._child is None


def test_a_process_that_takes_too_long_is_given_up():
    client = CountingClient(most_s=0.01)
    with pytest.raises(CountingFailed, match="ended after"):
        client.count("hello", ["cl100k_base"])
    assert client._child is None


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("오늘 날씨가 좋습니다", "ko"),
        ("The API 응답", "ko"),
        ("All API responses in: 응", "en"),
        ("Größe und Straße", "en"),
        ("今日はいい天気です", "other"),
        ("1234 !!", "en"),
    ],
)
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) == script


def test_from_nine_tenths_of_measured_scripts_on_the_error_is_known():
    assert (MEASURED_FROM, KOREAN_FROM) == (0.9, 0.1)
    assert script_of("abcdefghiя") == "en"
    assert script_of("abcdefghяя") == "other"
    assert script_of("abcdefgh나я") == "ko"
    assert script_of("abcdefghijk나") == "en"


def test_an_estimate_is_the_median_with_the_error_that_was_measured():
    counts = dict(zip(PANEL, (100, 110, 130, 140, 150), strict=True))
    found = estimate(counts, "ko")
    assert (found.tokens, found.error_pct) == (130, errors()["ko"].p95_pct)
    assert estimate(counts, "other").error_pct is None
    assert estimate({PANEL[0]: 5, PANEL[1]: 6}, "en") is None


def test_the_error_is_a_measurement_of_many_texts():
    told = json.loads((DATA / "token_error.json").read_text())
    assert told["panel"] == list(PANEL)
    assert all(
        error.pairs == error.texts * (len(PANEL) + len(told["outside"])) >= 200 for error in errors().values()
    )
    assert all(0 < error.median_pct < error.p95_pct <= error.most_pct for error in errors().values())


@pytest.mark.parametrize(
    ("creator", "model", "vocabulary"),
    [
        ("openai", "gpt-4.1-mini", "o200k_base"),
        ("openai", "gpt-5.2-pro", "o200k_base"),
        ("openai", "gpt-oss-120b", "o200k_base"),
        ("openai", "o3-mini", "o200k_base"),
        ("openai", "gpt-4-turbo", "cl100k_base"),
        ("openai", "gpt-4o-audio-preview", None),
        ("openai", "gpt-image-1", None),
        ("meta", "llama-3.3-70b-versatile", None),
        ("alibaba", "qwen3-235b-a22b-thinking-2507", "qwen"),
        ("alibaba", "qwen3.6-27b", "qwen3.5"),
        ("alibaba", "qwen-max", None),
        ("deepseek", "deepseek-v3.2-exp", "deepseek"),
        ("deepseek", "deepseek-r1-distill-llama-70b", None),
        ("deepseek", "deepseek-r1-0528-qwen3-8b", None),
        ("mistral", "mistral-nemo-instruct-2407", "tekken"),
        ("mistral", "mistral-large-2411", None),
        ("google", "gemini-2.5-flash", "gemma3"),
        ("google", "gemini-3.1-pro-preview", None),
        ("google", "gemma-3-27b-it", "gemma3"),
        ("anthropic", "claude-sonnet-4-5", None),
        ("unknown", "gpt-4.1", None),
    ],
)
def test_only_what_a_source_says_counts_by_a_vocabulary(creator, model, vocabulary):
    rule = rule_of(creator, model)
    assert (rule.vocabulary if rule else None) == vocabulary


def test_every_rule_names_its_source():
    for rule in rules():
        assert rule.vocabulary in vocabularies()
        assert rule.why
        assert rule.source_url.startswith("https://")
        assert rule.source_version


def test_samples_are_in_the_scripts_they_say():
    assert [script_of(sample_text(name)) for name in SAMPLES] == ["ko", "en", "en"]
    assert sample_text("../secrets") == ""
