"""What a simulated model knows, so that it answers a known-answer question like a real one.

Written apart from the probes' questions: it reads the question's words.
"""

import re
from collections.abc import Callable
from typing import Final

_CAPITALS: Final = {
    **{"france": "Paris", "japan": "Tokyo", "italy": "Rome", "germany": "Berlin", "spain": "Madrid"},
    **{"portugal": "Lisbon", "austria": "Vienna", "greece": "Athens", "egypt": "Cairo", "peru": "Lima"},
    **{"norway": "Oslo", "cuba": "Havana", "kenya": "Nairobi", "ireland": "Dublin", "poland": "Warsaw"},
    **{"대한민국": "서울", "일본": "도쿄", "프랑스": "파리", "독일": "베를린", "이탈리아": "로마"},
    **{"영국": "런던", "스페인": "마드리드", "이집트": "카이로"},
}
_ENGLISH: Final = {
    **{"물": "water", "나무": "tree", "책": "book", "집": "house", "손": "hand"},
    **{"눈사람": "snowman", "비행기": "airplane", "사과": "apple"},
}
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ANIMALS: Final = {"rabbit", "horse", "tiger", "eagle", "sheep", "whale", "monkey", "goat"}
_SUMS: Final[dict[str, Callable[[int, int], int]]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "더하기": lambda a, b: a + b,
}


def _calculate(match: re.Match[str]) -> str:
    return str(_SUMS[match[2]](int(match[1]), int(match[3])))


def _continue(match: re.Match[str]) -> str:
    row = [int(number) for number in match[1].split(",")]
    return str(2 * row[-1] - row[-2])


def _animal(match: re.Match[str]) -> str:
    return next((word for word in re.split(r",\s*", match[1]) if word.lower() in _ANIMALS), "none")


_ANSWERS: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"(\d+) ([+*-]|더하기) (\d+)", _calculate),
    (r"larger, (\d+) or (\d+)", lambda match: str(max(int(match[1]), int(match[2])))),
    (r"how many letters has the word (\w+)", lambda match: str(len(match[1]))),
    (r"in reverse order, separated by blanks: ((?:\w )+\w)\b", lambda match: match[1][::-1]),
    (r"capital of (\w+)", lambda match: _CAPITALS.get(match[1].lower(), "unknown")),
    (r"(\w+)의 수도", lambda match: f"{_CAPITALS.get(match[1], '모름')}입니다"),
    (r"right after (\w+)", lambda match: _DAYS[(_DAYS.index(match[1].lower()) + 1) % 7].title()),
    (r"is an animal: ([\w, ]+)", _animal),
    (r"comes next: ([\d, ]+)", _continue),
    (r"english word for the korean (\w+)", lambda match: _ENGLISH.get(match[1], "unknown")),
)


def know(prompt: str) -> str | None:
    """The answer to a question that it understands; None for any other prompt."""
    for pattern, answer in _ANSWERS:
        if match := re.search(pattern, prompt, re.IGNORECASE):
            return answer(match)
    return None
