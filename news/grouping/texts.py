"""How much two texts have in common, letter by letter: Korean needs no words for it. Pure.

Broder, "On the resemblance and containment of documents" (1997, https://doi.org/10.1109/SEQUEN.1997.666900).
With A, B the sets of a text's character n-grams (shingles):

    resemblance  J(A, B) = |A ∩ B| / |A ∪ B|        containment  C(A, B) = |A ∩ B| / min(|A|, |B|)

MinHash: for a random permutation of all shingles P(min A = min B) = J, so the share of equal minima among
PERMUTATIONS of them estimates J. Locality-sensitive hashing (Leskovec, Rajaraman, Ullman, "Mining of Massive
Datasets", ch. 3.4, http://www.mmds.org): two texts are candidates where all ROWS minima of one of BANDS bands
are equal, which happens with probability 1 - (1 - J^ROWS)^BANDS: 0.04 at J = 0.1, 0.68 at 0.3, 0.94 at 0.4,
0.9999 at 0.6. Candidates are then compared exactly.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from typing import Final

#: Long enough that two Korean texts share few by chance (a syllable is a letter), short enough that an edited
#: word costs few.
NGRAM: Final = 5
#: Few rows, so that a text cut to its first half is found, too.
BANDS, ROWS = 42, 3
PERMUTATIONS: Final = BANDS * ROWS
#: Of the permutations: what was stored once is comparable forever.
SEED: Final = 1

_SPACE: Final = re.compile(r"\s+")
_MARKS: Final = re.compile(r"[^\w%$€£₩.]+")
_BRACKETED: Final = re.compile(r"^\s*[\[(【][^\])】]{1,12}[\])】]\s*")
_SITE: Final = re.compile(r"\s+[|–—-]\s+[^|–—]{2,40}$")


def normal(text: str) -> str:
    """NFKC, small letters, one space between words."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip().casefold()


def title_key(title: str) -> str:
    """A title without the site's name at its end, a label before it ("[속보]") and punctuation."""
    bare = _SITE.sub("", _BRACKETED.sub("", unicodedata.normalize("NFKC", title)))
    return _SPACE.sub(" ", _MARKS.sub(" ", normal(bare))).strip(" .")


def shingles_of(text: str) -> frozenset[str]:
    """All runs of NGRAM letters of the normal text; a shorter text is its own only one."""
    letters = normal(text)
    if len(letters) <= NGRAM:
        return frozenset({letters}) if letters else frozenset()
    return frozenset(letters[at : at + NGRAM] for at in range(len(letters) - NGRAM + 1))


def containment(one: Collection[str], other: frozenset[str]) -> float:
    """0..1; 0 where one has none."""
    least = min(len(one), len(other))
    return len(other.intersection(one)) / least if least else 0.0


def bands_of(shingles: frozenset[str]) -> list[int]:
    """BANDS numbers of 63 bits; two texts that share one are candidates. [] of an empty text."""
    if not shingles:
        return []
    # Imported when asked: it brings scipy, some 60 MB, which only processes that group texts need.
    from datasketch import MinHash

    sketch = MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32")
    sketch.update_batch([shingle.encode() for shingle in sorted(shingles)])
    minima = sketch.digest().astype("<u4")
    return [_number(band, minima[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS)]


def _number(band: int, minima: bytes) -> int:
    digest = hashlib.blake2b(minima, digest_size=8, salt=band.to_bytes(2, "big")).digest()
    return int.from_bytes(digest, "big") >> 1
