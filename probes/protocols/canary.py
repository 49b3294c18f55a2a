"""Questions with a known answer (tier D), and whether a text gives it. Pure.

The kind of question follows from endpoint and day, so that all regions of a day ask alike and a wrong answer
can be compared; its numbers and words follow from the nonce, so that no cache has seen it. They are questions
that any chat model of the catalogue should answer without thinking: a miss tells of another model, a broken
quantisation or a broken template, it is no measure of intelligence.
"""

import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_Maker = Callable[[random.Random], tuple[str, str]]

_CAPITALS: Final = {
    **{"France": "Paris", "Japan": "Tokyo", "Italy": "Rome", "Germany": "Berlin", "Spain": "Madrid"},
    **{"Portugal": "Lisbon", "Austria": "Vienna", "Greece": "Athens", "Egypt": "Cairo", "Peru": "Lima"},
    **{"Norway": "Oslo", "Cuba": "Havana", "Kenya": "Nairobi", "Ireland": "Dublin", "Poland": "Warsaw"},
}
_KOREAN_CAPITALS: Final = {
    **{"대한민국": "서울", "일본": "도쿄", "프랑스": "파리", "독일": "베를린", "이탈리아": "로마"},
    **{"영국": "런던", "스페인": "마드리드", "이집트": "카이로"},
}
_KOREAN_WORDS: Final = {
    **{"물": "water", "나무": "tree", "책": "book", "집": "house", "손": "hand"},
    **{"눈사람": "snowman", "비행기": "airplane", "사과": "apple"},
}
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ANIMALS: Final = ("rabbit", "horse", "tiger", "eagle", "sheep", "whale", "monkey", "goat")
_THINGS: Final = ("copper", "ladder", "carpet", "bottle", "hammer", "window", "pencil", "bridge")
_WORDS: Final = ("garden", "market", "winter", "silver", "paper", "stone", "river", "coffee", "lamp", "cloud")


@dataclass(frozen=True, slots=True)
class CanaryItem:
    """A question and what the answer must contain. name: its kind, for logs."""

    prompt: str
    expected: str
    name: str


def _sum(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(100, 450), rng.randint(100, 450)
    return f"What is {a} + {b}? Answer with the number only, in digits.", str(a + b)


def _difference(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(500, 900), rng.randint(100, 400)
    return f"What is {a} - {b}? Answer with the number only, in digits.", str(a - b)


def _product(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(12, 40), rng.randint(3, 9)
    return f"What is {a} * {b}? Answer with the number only, in digits.", str(a * b)


def _copy(rng: random.Random) -> tuple[str, str]:
    code = f"{rng.choice(_WORDS)} {rng.randint(1000, 9999)}"
    return f"Reply with exactly this text and nothing else: {code}", code


def _larger(rng: random.Random) -> tuple[str, str]:
    a, b = rng.sample(range(100, 1000), 2)
    return f"Which number is larger, {a} or {b}? Answer with that number only.", str(max(a, b))


def _letters(rng: random.Random) -> tuple[str, str]:
    word = rng.choice(_WORDS)
    return f"How many letters has the word {word}? Answer with the number only, in digits.", str(len(word))


def _reverse(rng: random.Random) -> tuple[str, str]:
    letters = rng.sample("abcdefghkmnprstuvwxyz", 4)
    asked = f"Write these letters in reverse order, separated by blanks: {' '.join(letters)}"
    return f"{asked}. Answer with the letters only.", " ".join(reversed(letters))


def _capital(rng: random.Random) -> tuple[str, str]:
    country = rng.choice(sorted(_CAPITALS))
    return f"What is the capital of {country}? Answer with one word.", _CAPITALS[country]


def _day_after(rng: random.Random) -> tuple[str, str]:
    place = rng.randrange(7)
    asked = f"Which day of the week comes right after {_DAYS[place]}? Answer with one word."
    return asked, _DAYS[(place + 1) % 7]


def _animal(rng: random.Random) -> tuple[str, str]:
    animal, words = rng.choice(_ANIMALS), rng.sample(_THINGS, 2)
    words.insert(rng.randrange(3), animal)
    return f"Which of these is an animal: {', '.join(words)}? Answer with one word.", animal


def _next_number(rng: random.Random) -> tuple[str, str]:
    start, step = rng.randint(10, 60), rng.choice((2, 3, 5, 10))
    row = ", ".join(str(start + step * place) for place in range(4))
    return f"Which number comes next: {row}? Answer with the number only, in digits.", str(start + 4 * step)


def _korean_capital(rng: random.Random) -> tuple[str, str]:
    country = rng.choice(sorted(_KOREAN_CAPITALS))
    return f"{country}의 수도는 어디입니까? 한 단어로만 답하십시오.", _KOREAN_CAPITALS[country]


def _korean_sum(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(100, 450), rng.randint(100, 450)
    return f"{a} 더하기 {b}는 얼마입니까? 숫자로만 답하십시오.", str(a + b)


def _from_korean(rng: random.Random) -> tuple[str, str]:
    word = rng.choice(sorted(_KOREAN_WORDS))
    return f"What is the English word for the Korean {word}? Answer with one word.", _KOREAN_WORDS[word]


#: The kinds of question, by name.
MAKERS: Final[dict[str, _Maker]] = {
    "sum": _sum,
    "difference": _difference,
    "product": _product,
    "copy": _copy,
    "larger": _larger,
    "letters": _letters,
    "reverse": _reverse,
    "capital": _capital,
    "day_after": _day_after,
    "animal": _animal,
    "next_number": _next_number,
    "korean_capital": _korean_capital,
    "korean_sum": _korean_sum,
    "from_korean": _from_korean,
}


def make_item(endpoint: str, due_at: float, nonce: str) -> CanaryItem:
    """The question for an endpoint on the UTC day of `due_at` (unix s); new for every nonce."""
    day = datetime.fromtimestamp(due_at, UTC).date().isoformat()
    name = random.Random(f"{endpoint}|{day}").choice(list(MAKERS))  # noqa: S311 - repeatable on purpose
    asked, expected = MAKERS[name](random.Random(nonce))  # noqa: S311
    return CanaryItem(f"{asked}\n(probe {nonce})", expected, name)


# A number with its sign, thousands and decimals, or a run of letters; where digits meet letters a word ends.
_TOKEN: Final = re.compile(
    r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|(?<![\w.])-?\d+(?:\.\d+)?|\d+|[^\W\d_]+"
)
_HANGUL: Final = re.compile(r"[가-힣]+")


def gives_answer(text: str, expected: str) -> bool:
    """True when the words and numbers of `expected` stand in `text`, whole and in a row.

    Case, punctuation and full-width forms do not matter: `"79."`, `７９` and `**79**` give 79; 179, 79.5 and
    -79 do not. A Korean word may carry its particle (서울입니다 gives 서울).
    """
    wanted, found = _tokens(expected), _tokens(text)
    if not wanted:
        return expected.strip().casefold() in text.casefold()
    return any(
        all(map(_same, found[start:], wanted))  # as far as `wanted` goes
        for start in range(len(found) - len(wanted) + 1)
    )


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2212", "-")
    return [_plain_number(token) if token[-1].isdigit() else token for token in _TOKEN.findall(plain)]


def _plain_number(token: str) -> str:
    """1,234.0 → 1234"""
    whole, _, fraction = token.replace(",", "").partition(".")
    return f"{whole}.{fraction}" if fraction.strip("0") else whole


def _same(have: str, want: str) -> bool:
    return have == want or (have.startswith(want) and _HANGUL.fullmatch(want) is not None)
