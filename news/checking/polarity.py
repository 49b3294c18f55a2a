"""What is denied, what is only possible or planned, and which way something goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from news.checking.concepts import axes, places_of
from news.checking.findings import BLOCKS, Finding, Rule
from news.checking.reading import Reading

_NO: Final = (
    r"\bnot\b(?! only)|n't\b|\bcannot\b|\bnever\b|\bno\b(?! (?:more|less|fewer|later) than)|\bnone\b"
    r"|\bneither\b|\bnor\b|\bwithout\b|\bunable\b|\bfail(?:s|ed)? to\b|\blacks?\b|\bunavailable\b"
    r"|\bunsupported\b|\bno longer\b"
    r"|않|못(?!\s?미)|(?<![가-힣])안\s(?=[가-힣])|없|아니(?!라\s|라고|라는\s|고\s)|아닌|아니다|아니라고"
    r"|불가|말라|미지원|미공개"
)
_NEGATIONS: Final = re.compile(_NO, re.IGNORECASE)
_IDIOMS: Final = re.compile(
    r"뿐(?:만)?\s?아니라|not only|no doubt|다름\s?없|변함\s?없|아니나|못지\s?않", re.IGNORECASE
)
#: Where a clause ends.
_CLAUSES: Final = re.compile(
    r"[;:.!?](?=\s|$)|,\s|\b(?:and|but|while|whereas|although|though|which|because|so that)\b"
    r"|(?<=[가-힣])(?:으나|지만|는데|으며|하며|되며|이며|했고|됐고|하고|되고|았고|었고|였고|이고)(?=\s|,)",
    re.IGNORECASE,
)
_MODES: Final = {
    "possible": r"\b(?:(?-i:may)|might|could|possibly|perhaps|potentially|likely|probably)\b"
    r"|\b(?:consider|weigh)(?:s|ing)\b"
    r"|수도\s?있|가능성|지도\s?모|검토|고려하|저울질|것으로\s?보",
    "planned": r"\b(?:will|won't|would|shall|plans?(?= to\b| on\b)|planned|planning|aims?)\b"
    r"|\b(?:expect(?:s|ed)?|intend(?:s|ed)?|upcoming|scheduled|set to|to be|going to)\b"
    r"|\b(?:forecasts?|projects?(?= \w+ing)|hopes?)\b"
    r"|예정|계획|방침|겠|전망|예상|[할될릴킬]\s?것|을\s?것이|목표로|추진",
    "heard": r"\b(?:reportedly|allegedly|rumou?r\w*|reported(?= that\b|[.,]|$)|sources say)\b"
    r"|\b(?:is|are) said to\b"
    r"|\baccording to (?:people|sources|reports?|a report|two|three)\b|\b(?:claim|alleg)e?(?:s|d|ed)?\b"
    r"|알려졌|전해졌|보도했|보도됐|소문|관계자|주장|의혹",
    "must": r"\b(?:must|has to|have to|required to|mandatory|obliged)\b"
    r"|해야\s?(?:한다|하며|하고|합)|의무|필수",
}
_MODE_PATTERNS: Final = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _MODES.items()}
_UNSURE: Final = ("possible", "heard")
#: Of what is announced both languages also say so: it is no plan.
_TO_COME: Final = re.compile(r"will|would|겠|[할될]\s?것|[릴킬]\s?것", re.IGNORECASE)


def polarity(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """Negation that was dropped, added or moved."""
    mine, theirs = _denied_verbs(said.text), _denied_verbs(quoted.text)
    shared = [name for name in mine if name in theirs]
    for name in shared:
        (place, denied), of_theirs = mine[name], theirs[name][1]
        if len(denied) == 1 and len(of_theirs) == 1 and denied != of_theirs:
            yield Finding(Rule.NEGATION, BLOCKS, said.text[slice(*place)], place)
            return
    settled = any(len(theirs[name][1]) == 1 for name in shared)
    if settled and (not _is_denied(said.text) or _is_denied(quoted.text)):
        return
    if _is_denied(said.text) == _is_denied(quoted.text):
        if said.lang == quoted.lang and not shared and _denies_another(said, quoted):
            yield Finding(Rule.NEGATION, BLOCKS, said.text, (0, len(said.text)))
        return
    if not _is_denied(said.text) and not any(
        takes_up(said, quoted, match.start()) for match in _denials(quoted.text)
    ):
        return
    match = next(_denials(said.text), None)
    place = match.span() if match else (0, len(said.text))
    yield Finding(Rule.NEGATION, BLOCKS, said.text[slice(*place)], place)


def modality(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What may be or is planned, told as being so; and the other way round."""
    mine, theirs = _modes(said.text), _modes(quoted.text)
    unsure = [name for name in _UNSURE if name in theirs and takes_up(said, quoted, theirs[name][0])]
    whole = (0, len(said.text))
    if unsure and not set(_UNSURE) & mine.keys():
        yield Finding(Rule.MODALITY, BLOCKS, said.text, whole, quoted.text[slice(*theirs[unsure[0]])])
    elif "planned" in theirs and not mine and _is_done(said) and takes_up(said, quoted, theirs["planned"][0]):
        yield Finding(Rule.MODALITY, BLOCKS, said.text, whole, quoted.text[slice(*theirs["planned"])])
    for name in (*_UNSURE, "must"):
        if name in mine and name not in theirs and (name == "must" or not set(_UNSURE) & theirs.keys()):
            yield Finding(Rule.MODALITY, BLOCKS, said.text[slice(*mine[name])], mine[name])
    if "planned" in mine and not theirs:
        place = mine["planned"]
        if not _TO_COME.fullmatch(said.text[slice(*place)]):
            yield Finding(Rule.MODALITY, BLOCKS, said.text[slice(*place)], place)


def direction(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """The other side of an opposition, or a side that the quote does not name."""
    for axis in axes():
        mine, theirs = places_of(axis, said.text), places_of(axis, quoted.text)
        for side, places in mine.items():
            if side not in theirs and (theirs or axis in _NAMED):
                other = next(iter(theirs.values()), None)
                instead = quoted.text[slice(*other[0])] if other else ""
                yield Finding(Rule.DIRECTION, BLOCKS, said.text[slice(*places[0])], places[0], instead)


def undone(said: Reading, quoted: Reading) -> Iterator[Finding]:
    """What the quote says was denied or came to nothing, told as done."""
    if _is_denied(said.text):
        return
    for axis, side in (("axis:word", "deny"), ("axis:outcome", "fail")):
        places = places_of(axis, quoted.text).get(side, [])
        if not places or places_of(axis, said.text):
            continue
        start, end = next(
            (part for part in clauses(quoted.text) if part[0] <= places[0][0] < part[1]), (0, 0)
        )
        if _deeds(said.text) & _deeds(quoted.text[start:end]):
            instead = quoted.text[slice(*places[0])]
            yield Finding(Rule.NEGATION, BLOCKS, said.text, (0, len(said.text)), instead)


def _deeds(text: str) -> set[str]:
    """What is done in a text."""
    return {*places_of("verb", text), *places_of("axis:trade", text), *places_of("axis:life", text)}


#: Sides of these are said in the quote, or not at all.
_NAMED: Final = frozenset({"axis:speed", "axis:word", "axis:court", "axis:set2", "axis:level"})


def _denials(text: str) -> Iterator[re.Match[str]]:
    idioms = [match.span() for match in _IDIOMS.finditer(text)]
    for match in _NEGATIONS.finditer(text):
        if not any(start <= match.start() < end for start, end in idioms):
            yield match


def _is_denied(text: str) -> bool:
    return next(_denials(text), None) is not None


def clauses(text: str) -> list[tuple[int, int]]:
    """From and to of each clause."""
    ends = [match.end() for match in _CLAUSES.finditer(text)]
    starts = [0, *ends]
    return [
        (start, end) for start, end in zip(starts, [*ends, len(text)], strict=True) if text[start:end].strip()
    ]


def _denied_verbs(text: str) -> dict[str, tuple[tuple[int, int], set[bool]]]:
    """Verb → where it stands first, and whether it is denied: both, where it is once and once not."""
    found: dict[str, tuple[tuple[int, int], set[bool]]] = {}
    denials = [match.start() for match in _denials(text)]
    for name, places in places_of("verb", text).items():
        told = {_denies(text, place, denials) for place in places}
        found[name] = (places[0], told)
    return found


def _denies(text: str, place: tuple[int, int], denials: list[int]) -> bool:
    """English denies before the verb (or "X is not available"), Korean behind it; within the clause."""
    start, end = next(((a, b) for a, b in clauses(text) if a <= place[0] < b), (0, len(text)))
    hangul = text[place[0]] >= "가"
    for at in denials:
        if hangul and place[1] <= at < min(end + 2, place[1] + 14):
            return True
        if hangul and text[at] == "안" and 0 < place[0] - at <= 3:
            return True
        if not hangul and start <= at < place[0] and place[0] - at < 40:
            return True
        if not hangul and text[at : at + 2].lower() == "no" and place[1] <= at < min(end, place[1] + 12):
            return True
    return False


def takes_up(said: Reading, quoted: Reading, at: int) -> bool:
    """Whether the sentence tells what the quote's clause at that place tells, as far as can be seen."""
    parts = clauses(quoted.text)
    own = next(((a, b) for a, b in parts if a <= at < b), (0, len(quoted.text)))
    others = [part for part in parts if part != own]
    if not others:
        return True
    if said.lang == quoted.lang:
        words = set(said.words)
        share = _overlap(words, [quoted.text[slice(*own)]])
        return share >= min(0.5, _overlap(words, [quoted.text[slice(*part)] for part in others]))
    marks = _marks(quoted, own) - {mark for part in others for mark in _marks(quoted, part)}
    mine = _marks(said, (0, len(said.text)))
    if not marks:  # it cannot be known by anything: does the sentence tell another clause?
        return not any(_marks(quoted, part) & mine for part in others)
    return bool(marks & mine)


def _marks(reading: Reading, part: tuple[int, int]) -> set[object]:
    """What a clause can be known by in the other language: figures, names, dates, deeds."""
    start, end = part
    marks: set[object] = {one.value for one in reading.quantities if start <= one.start < end}
    marks |= {one.key for one in reading.names if start <= one.start < end}
    marks |= {tuple(one.parts().items()) for one in reading.moments if start <= one.start < end}
    return marks | _deeds(reading.text[start:end])


def _denies_another(said: Reading, quoted: Reading) -> bool:
    """Whether the sentence denies what the quote says in a clause without denial."""
    if not _is_denied(said.text):
        return False
    texts = [quoted.text[slice(*part)] for part in clauses(quoted.text)]
    words = set(said.words)
    denied = _overlap(words, [text for text in texts if _is_denied(text)])
    return denied < 0.3 and _overlap(words, [text for text in texts if not _is_denied(text)]) >= 0.6


def _overlap(words: set[str], texts: list[str]) -> float:
    """The largest share of a text's longer words that are among `words`, by their first letters."""
    heads = {word[: 2 if word[0] >= "가" else 5] for word in words if len(word) > 1}
    best = 0.0
    for text in texts:
        own = {
            word[: 2 if word[0] >= "가" else 5] for word in re.findall(r"[a-z]{4,}|[가-힣]{2,}", text.lower())
        }
        best = max(best, len(own & heads) / len(own) if own else 0.0)
    return best


def _modes(text: str) -> dict[str, tuple[int, int]]:
    found = {name: pattern.search(text) for name, pattern in _MODE_PATTERNS.items()}
    return {name: match.span() for name, match in found.items() if match}


def _is_done(said: Reading) -> bool:
    """Whether it tells what is so: in the past, or without a date that would put it into the future."""
    return _is_past(said) or not said.moments


def _is_past(said: Reading) -> bool:
    """Whether the sentence ends in what has happened."""
    if said.lang == "ko":
        last = re.findall(r"[가-힣]+", said.text)[-1:]
        endings = [syllable for word in last for syllable in word[:-1] if syllable not in "있겠"]
        return any((ord(syllable) - 0xAC00) % 28 == _SS for syllable in endings)
    return _PAST.search(said.text) is not None


#: The final consonant ㅆ, by which Korean verbs tell the past.
_SS: Final = 20
_PAST: Final = re.compile(
    r"\b(?:\w{3,}ed|spent|shut|cut|raised|reached|began|became|had|was|were|has|have)\b"
)
