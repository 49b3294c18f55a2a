"""What a text names, and what only looks like it."""

from __future__ import annotations

import pytest

from news.tagging import Tagger, Word

TAGGER = Tagger(
    [
        Word("model", "gpt-4", ("GPT-4",)),
        Word("model", "gpt-4.1", ("GPT-4.1",)),
        Word("model", "gpt-4.1-mini", ("GPT-4.1 mini",)),
        Word("model", "gpt-4o", ("GPT-4o",)),
        Word("model", "o1", ("o1",)),
        Word("model", "o3-mini", ("o3-mini",)),
        Word("model", "claude", ("Claude",)),
        Word("model", "claude-sonnet-4.5", ("Claude Sonnet 4.5",)),
        Word("model", "claude-sonnet-4", ("Claude Sonnet 4",)),
        Word("model", "gemini-2.5-pro", ("Gemini 2.5 Pro",)),
        Word("model", "llama-4-scout", ("Llama 4 Scout",)),
        Word("model", "qwen3-32b", ("Qwen3-32B",)),
        Word("provider", "openai", ("OpenAI",)),
        Word("provider", "meta", ("Meta",)),
        Word("provider", "google", ("Google",)),
        Word("provider", "together", ("Together AI",)),
        Word("provider", "groq", ("Groq",)),
        Word("provider", "poe", ("Poe",)),
        Word("suite", "swe-bench", ("SWE-bench", "SWE-bench Verified")),
        Word("suite", "math", ("MATH",)),
        Word("suite", "click", ("CLIcK",)),
        Word("suite", "humaneval", ("HumanEval",)),
        Word("suite", "humaneval-plus", ("HumanEval+",)),
    ]
)


@pytest.mark.parametrize(
    ("text", "slugs"),
    [
        ("OpenAI released GPT-4.1 and GPT-4.1 mini.", ["openai", "gpt-4.1", "gpt-4.1-mini"]),
        ("GPT-4 was first.", ["gpt-4"]),
        ("gpt 4.1 is out", ["gpt-4.1"]),
        ("오픈AI는 GPT-4.1을 공개했다.", ["openai", "gpt-4.1"]),
        ("클로드 소넷 4.5가 제미나이 2.5 프로를 앞섰다.", ["claude-sonnet-4.5", "gemini-2.5-pro"]),
        ("클로드 소넷 4는 SWE-bench에서", ["claude-sonnet-4", "swe-bench"]),
        ("라마 4 스카우트를 메타가 구글과", ["llama-4-scout", "meta", "google"]),
        ("OpenAI's o1 and o3-mini", ["openai", "o1", "o3-mini"]),
        ("Together AI serves Qwen3-32B.", ["together", "qwen3-32b"]),
        ("It scores 54.6% on SWE-bench Verified.", ["swe-bench"]),
        ("MATH, CLIcK and HumanEval+ scores", ["math", "click", "humaneval-plus"]),
        ("HumanEval에서 90%를", ["humaneval"]),
        ("Meta said (Google agreed)", ["meta", "google"]),
    ],
)
def test_a_name_is_found_in_both_languages_once(text: str, slugs: list[str]):
    assert [slug for _, slug in TAGGER.find(text)] == slugs


@pytest.mark.parametrize(
    "text",
    [
        "The Pro1 and co1 and o1-preview and o1 mini are others.",
        "GPT-4 Turbo, GPT-4-32k, GPT-4.5 and GPT-40 are others.",
        "GPT-4o mini and GPT-4o-audio are others.",
        "Claude Shannon, Claude Monet and Jean-Claude are people; Claude is a family.",
        "Claude Sonnet 4.6 and Gemini 2.5 Flash are others.",
        "메타버스와 메타데이터, 구글링과 오픈AIX",
        "Click here, math tutors; a Math lesson",
        "They work together on metadata; poems of Poe.",
        "xGPT-4y and pre-OpenAI and openair",
        "클로드 소넷 4.6, 제미나이 2.5 플래시, GPT-4 터보",
        "",
    ],
)
def test_what_only_looks_like_a_name_is_not_found(text: str):
    assert TAGGER.find(text) == []


def test_a_long_text_is_read_so_far():
    assert TAGGER.find("x " * 30_000 + "OpenAI") == []
