"""Names that no table knows, told by how they sound: "Sam Altman" is 샘 올트먼, "Windsurf" is 윈드서프.

Both become their consonants, as far as Hangul tells them apart: b and v, f and p, l and r, c and k are one.
"""

import re
from typing import Final

_INITIALS: Final = "kknttlmppss-sssktp-"
_FINALS: Final = (  # in the order of Unicode
    *("-", "k", "k", "ks", "n", "ns", "n", "t", "l", "lk", "lm", "lp", "ls", "lt", "lp", "l", "m", "p"),
    *("ps", "s", "s", "n", "s", "s", "k", "t", "p", "-"),
)
_ENGLISH: Final = (
    (r"ph|[bvpf]", "p"),
    (r"sch|sh|tch|ch|[szj]|c(?=[eiy])|g(?=[ei])|dge", "s"),
    (r"ck|x|[kgqc]", "k"),
    (r"th|[dt]", "t"),
    (r"[lr]", "l"),
    (r"ng(?![aeiou])|n|kn(?=[aeiou])", "n"),
    (r"m", "m"),
)
#: Shorter ones only as the whole word.
_LEAST: Final = 3


def sound_of_latin(word: str) -> str:
    """ "altman" → "ltmn"; a silent r before a consonant is left out: "surf" → "sp"."""
    left = re.sub(r"r(?![aeiouy])", "", word.casefold())
    left = re.sub(r"^kn", "n", left)
    for pattern, sound in _ENGLISH:
        left = re.sub(pattern, sound.upper(), left)
    return _without_doubles("".join(letter for letter in left if letter.isupper()).lower())


def sound_of_hangul(word: str) -> str:
    """ "올트먼" → "ltmn"."""
    sounds = []
    for syllable in word:
        code = ord(syllable) - 0xAC00
        if 0 <= code < 11172:
            first, last = _INITIALS[code // 588], _FINALS[code % 28]
            sounds += [part for part in (first, last) if part != "-"]
    return _without_doubles("".join(sounds))


def sounds_like(latin: str, korean: str) -> bool:
    """Whether a Korean word begins with the sound of a Latin name; particles may follow."""
    if "th" in latin.casefold() and sounds_like(latin.casefold().replace("th", "s"), korean):
        return True  # 씽크 for "Think", 스미스 for "Smith"
    wanted = sound_of_latin(latin)
    if len(wanted) < _LEAST:
        return sound_of_hangul(korean) == wanted != ""
    return any(sound_of_hangul(korean[:end]) == wanted for end in range(1, len(korean) + 1))


def _without_doubles(sounds: str) -> str:
    return re.sub(r"(.)\1+", r"\1", sounds)
