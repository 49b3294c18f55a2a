"""What a source says of how a figure was taken, read from its free text: shots, prompt, attempts, effort, …

Figures are compared within one key only, so nothing is merged on a guess: what is read becomes a field, what
is not read stays as text, and both are part of the key. A text that says nothing ("shots not stated",
"Standard evaluation") has the key `UNSTATED`, one of its own. Pure.

    read_setting("5-shot, CoT; metric=acc").key      "shots=5;prompt=cot;metric=acc"
    read_setting("maj@32; reasoning=high").key       "attempts=maj@32;effort=high"
    read_setting("setting not recorded").key         "unstated"
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from benchmarks.phrases import NOTHING, PATTERNS, Value

#: The key of a text that says nothing of the setting.
UNSTATED: Final = "unstated"
#: As long as benchmarks.models.Score.setting_key; a longer one ends in a hash of itself.
MOST_LETTERS: Final = 120
#: In the order of keys. samples: how many the mean is of; no part of the key, for the mean of any number is
#: the same quantity, only surer. effort: of thinking (low, medium, high, a budget such as 32k, on, off).
#: window: of problems, by date. release: of the suite's data. format: of edits or of the prompt's form.
#: items: how many were asked. text: what nobody could read.
FIELDS: Final = (
    *("shots", "prompt", "attempts", "samples", "effort", "tools", "metric", "harness", "scaffold"),
    *("window", "release", "subset", "format", "items", "sampling", "text"),
)
#: How a setting stands to a suite's reference: the same; the same in all that the reference states, and more
#: said; another; nothing said.
Fit = Literal["same", "finer", "other", "unstated"]
#: What is told and does not tell figures apart.
_ASIDE: Final = ("samples",)
#: Comparable by the reference: what it leaves open may differ.
AGREEING: Final[tuple[Fit, ...]] = ("same", "finer")


@dataclass(frozen=True, slots=True)
class Setting:
    """`parts`: field → value, in the order of FIELDS; what is not stated is left out. `key`: in one line, of
    those that tell figures apart.
    """

    parts: tuple[tuple[str, str], ...]
    key: str

    @property
    def stated(self) -> bool:
        """Whether the source says anything."""
        return bool(self.parts)

    def get(self, name: str) -> str:
        """A field's value, "" = not stated."""
        return dict(self.parts).get(name, "")

    @property
    def label(self) -> str:
        """In the field's own words, for instance "5-shot, CoT, maj@32"; "" = not stated."""
        return ", ".join(_WORDS.get(name, "{}").format(_worded(name, value)) for name, value in self.parts)

    def to_json(self) -> dict[str, str]:
        """What Score.setting keeps."""
        return dict(self.parts)

    def fits(self, reference: str) -> Fit:
        """How it stands to a reference key; to "" (a suite without one) as to no demand at all."""
        if self.key == reference:
            return "same"
        if self.key == UNSTATED:
            return "unstated"
        return "finer" if set(parts_of(reference)) <= set(self.parts) else "other"


@lru_cache(maxsize=20_000)
def read_setting(text: str, suite: str = "") -> Setting:
    """What the text says. `suite`: slug; some texts say several suites' samples in one line."""
    reading = _Reading(_folded(text))
    for pattern, field, value in PATTERNS:
        reading.take(pattern, field, value)
    reading.take_samples(suite)
    if suite == "gpqa-diamond" and reading.found.get("subset") == "diamond":
        del reading.found["subset"]  # the suite's own name
    return setting_of(reading.found | {"text": reading.rest()})


def setting_of(fields: Mapping[str, str]) -> Setting:
    """A setting of fields by name; those that are empty are left out. ValueError: an unknown field."""
    if unknown := fields.keys() - set(FIELDS):
        raise ValueError(f"{sorted(unknown)} are no fields of a setting. Use: {', '.join(FIELDS)}.")
    parts = tuple((name, _safe(fields[name])) for name in FIELDS if fields.get(name))
    return Setting(parts, _key_of(parts))


@lru_cache(maxsize=1_000)
def parts_of(key: str) -> tuple[tuple[str, str], ...]:
    """The parts of a key that was not shortened; () of "" and UNSTATED."""
    if key in ("", UNSTATED):
        return ()
    pairs = (part.partition("=") for part in key.split(";"))
    return tuple((name, value) for name, _equals, value in pairs)


def _key_of(parts: tuple[tuple[str, str], ...]) -> str:
    key = ";".join(f"{name}={value}" for name, value in parts if name not in _ASIDE) or UNSTATED
    if len(key) <= MOST_LETTERS:
        return key
    tail = hashlib.blake2s(key.encode(), digest_size=5).hexdigest()
    return f"{key[: MOST_LETTERS - len(tail) - 1]}#{tail}"


def _safe(value: str) -> str:
    return value.replace(";", ",").replace("=", ":").strip()


def _folded(text: str) -> str:
    """Lower case, one kind of dash and of space."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    plain = re.sub(r"[‐-―−]", "-", plain)
    plain = re.sub(r"(pass ?@\d+)-cot\b", r"\1, cot", plain)
    return re.sub(r"\s+", " ", plain).strip()


class _Reading:
    """A text that is being taken apart; what was read leaves a gap that no pattern reaches over."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[str, str] = {}
        self._left: list[str] = []
        self._samples: list[tuple[str, str]] = []

    def take(self, pattern: re.Pattern[str], field: str, value: Value) -> None:
        """Every place where the pattern fits: read, or kept as text where the field says otherwise."""

        def taken(match: re.Match[str]) -> str:
            read = value(match) if callable(value) else match.expand(value)
            if field == "suites":
                self._samples += [(name, match["n"]) for name in match["names"].split("/")]
            elif field and self.found.setdefault(field, read) != read:
                if _finer(self.found[field], read):
                    self.found[field] = read
                elif not _finer(read, self.found[field]):
                    self._left.append(match[0])
            return "\x1f"

        self.text = pattern.sub(taken, self.text)

    def take_samples(self, suite: str) -> None:
        """ "AIME avg of 32, LCB avg of 8": those of this suite."""
        short = {"livecodebench": "lcb", "gpqa-diamond": "gpqa", "aime-2024": "aime", "aime-2025": "aime"}
        for name, count in self._samples:
            if name == short.get(suite, suite):
                self.found.setdefault("samples", count)

    def rest(self) -> str:
        """What nobody could read, without the words that say nothing."""
        left = NOTHING.sub("\x1f", self.text)
        parts = [part.strip(" .,;:()&+|-") for part in re.split(r"[\x1f;,()]", left)]
        return " ".join(filter(None, [*parts, *self._left]))


def _finer(known: str, read: str) -> bool:
    """Whether the later word only says more: "on", then "high"."""
    return known in _VAGUE and (read not in _VAGUE or _VAGUE.index(read) > _VAGUE.index(known))


#: The later says more, and any other value more than these.
_VAGUE: Final = ("few", "where offered", "default", "on")
_WORDS: Final = {
    "shots": "{}-shot", "samples": "{} samples", "effort": "thinking {}", "tools": "tools: {}",
    "items": "n = {}",
}  # fmt: skip


def _worded(name: str, value: str) -> str:
    if name not in ("prompt", "metric", "harness", "scaffold"):
        return value
    head, blank, version = value.partition(" ")
    short = name == "metric" and len(value) <= 3
    return _NAMES.get(value) or (value.upper() if short else f"{_NAMES.get(head, head)}{blank}{version}")


_NAMES: Final = {
    "cot": "CoT", "epoch inspect": "Epoch Inspect", "opencompass": "OpenCompass", "evalplus": "EvalPlus",
    "helm": "HELM", "acc": "accuracy", "mc": "MC", "openhands": "OpenHands", "agentless": "Agentless",
    "moatless": "Moatless", "fastchat": "FastChat", "artificial analysis": "Artificial Analysis",
}  # fmt: skip
