"""What is only possible, planned, heard or demanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from news.checking.clauses import taken_up, takes_up
from news.checking.findings import BLOCKS, Finding, Rule
from news.checking.reading import Reading

_MODES: Final = {
    "possible": r"\b(?:(?-i:may)|might|could|possibly|perhaps|potentially|likely|probably)\b"
    r"|\b(?:consider|weigh)(?:s|ing)\b"
    r"|수도\s?있|가능성|지도\s?모|검토|고려하|저울질|것으로\s?보",
    "planned": r"'ll\b|\b(?:will|won't|would(?! not)|shall|plans?(?= to\b| on\b)|planned|planning|aims?)\b"
    r"|\b(?:expect(?:s|ed)?|intend(?:s|ed)?|upcoming|scheduled|slated|set to|due to|yet to|going to)\b"
    r"|\b(?:forecasts?|projects?(?= \w+ing)|hopes?)\b|\b(?:is|are) to\b"
    r"|\b(?:in development|being developed|developing|working on|is coming|are coming)\b"
    r"|예정|계획|개발\s?중|준비\s?중|방침|겠|전망|예상|[할될릴킬]\s?것|을\s?것이|목표로|추진",
    "heard": r"\b(?:reportedly|allegedly|rumou?r\w*|reported(?= that\b|[.,]|$)|sources say)\b"
    r"|\b(?:is|are) said to\b"
    r"|\baccording to (?:people|sources|reports?|a report|two|three)\b"
    r"|\balleg\w*|\bclaim(?:s|ed)?(?= (?:that|to|it|its|they|he|she)\b)"
    r"|알려졌|소식통|전해졌|보도했|보도됐|소문|관계자|주장(?:했|하|한|에\s?따르)|의혹",
    "must": r"\b(?:must|has to|have to|required to|mandatory|obliged)\b|\border(?:s|ed)?\b.{1,80}\bto\b"
    r"|해야\s?(?:한다|하며|하고|합)|의무|필수|명령|하라고",
}
_MODE_PATTERNS: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _MODES.items()}
_UNSURE: Final = ("possible", "heard")
#: By these "may" is told as what somebody is free or able to do.
_ABLE: Final = re.compile(
    r"\b(?:can|able|allow\w*|up to|supports?|permit\w*|options?)\b"
    r"|\bha(?:s|ve)\b.{1,25}\bto\b|수\s?있|최대|가능|까지",
    re.IGNORECASE,
)
#: What lies ahead by its date alone: told as past it is false.
_AHEAD: Final = re.compile(
    r"\bnext (?:week|month|quarter|year|spring|summer|fall|autumn|winter)\b"
    r"|\btomorrow\b|다음\s?(?:주|달|분기)|내달|내년|내일",
    re.IGNORECASE,
)
_ALREADY: Final = re.compile(r"\balready\b|이미|벌써", re.IGNORECASE)
#: Of what is announced both languages also say so: it is no plan.
_TO_COME: Final = re.compile(r"will|would|겠|[할될]\s?것|[릴킬]\s?것", re.IGNORECASE)


def modality(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What may be or is planned, told as being so; and the other way round."""
    mine, theirs = _modes(said.text), _modes(quoted.text)
    unsure = [name for name in _UNSURE if name in theirs and takes_up(said, quoted, theirs[name][0])]
    whole = (0, len(said.text))
    if _is_free(theirs, quoted, said):
        unsure = [name for name in unsure if name != "possible"]
    if unsure and not set(_UNSURE) & mine.keys():
        yield Finding(Rule.MODALITY, BLOCKS, said.text, whole, quoted.text[slice(*theirs[unsure[0]])])
    elif "planned" in theirs and not mine and _is_done(said) and takes_up(said, quoted, theirs["planned"][0]):
        yield Finding(Rule.MODALITY, BLOCKS, said.text, whole, quoted.text[slice(*theirs["planned"])])
    elif (ahead := _AHEAD.search(quoted.text)) and _is_early(said, quoted, ahead.start()):
        yield Finding(Rule.MODALITY, BLOCKS, said.text, whole, ahead[0])
    for name in (*_UNSURE, "must"):
        if name == "possible" and _is_free(mine, said, quoted):
            continue
        if name in mine and name not in theirs and (name == "must" or not set(_UNSURE) & theirs.keys()):
            yield Finding(Rule.MODALITY, BLOCKS, said.text[slice(*mine[name])], mine[name])
    if "planned" in mine and not theirs and (quoted.lang != "ko" or is_past(quoted)):
        place = mine["planned"]
        if not _TO_COME.fullmatch(said.text[slice(*place)]):
            yield Finding(Rule.MODALITY, BLOCKS, said.text[slice(*place)], place)


def _is_early(said: Reading, quoted: Reading, at: int) -> bool:
    """Whether it tells as done what the quote puts ahead there."""
    if _AHEAD.search(said.text):
        return False
    told = [start <= at < end for start, end in taken_up(said, quoted, by_names=True)]
    if _ALREADY.search(said.text):
        return any(told)
    return all(told) and is_past(said, by_have=False)


def _is_free(modes: dict[str, tuple[int, int]], one: Reading, other: Reading) -> bool:
    """Whether all that makes one of two texts uncertain is a "may" for which the other says "can"; Korean
    says 수 있다 for "could", too."""
    place = modes.get("possible")
    words = ("may", "might", "could") if other.lang == "ko" else ("may",)
    return place is not None and one.text[slice(*place)] in words and bool(_ABLE.search(other.text))


def _modes(text: str) -> dict[str, tuple[int, int]]:
    found = {name: pattern.search(text) for name, pattern in _MODE_PATTERNS.items()}
    return {name: match.span() for name, match in found.items() if match}


def _is_done(said: Reading) -> bool:
    """Whether it tells what is so: in the past, or in English without a date or form that would put it
    into the future; the Korean present tells what is announced, too."""
    if said.lang == "ko":
        return is_past(said) or bool(_ALREADY.search(said.text))
    return is_past(said) or not (said.moments or re.search(r"\b(?:is|are) \w+ing\b", said.text))


def is_past(said: Reading, *, by_have: bool = True) -> bool:
    """Whether the sentence ends in what has happened. by_have: "has" and "have" alone tell it, too."""
    if said.lang == "ko":
        last = re.findall(r"[가-힣]+", said.text)[-1:]
        endings = [syllable for word in last for syllable in word[:-1] if syllable not in "있겠"]
        return any((ord(syllable) - 0xAC00) % 28 == _SS for syllable in endings)
    return any(by_have or match[0] not in ("has", "have") for match in _PAST.finditer(said.text))


#: The final consonant ㅆ, by which Korean verbs tell the past.
_SS: Final = 20
_PAST: Final = re.compile(
    r"\b(?:\w{3,}ed|spent|shut|cut|raised|reached|began|became|had|was|were|has|have)\b"
)
