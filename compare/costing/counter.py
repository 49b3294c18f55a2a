"""The child process that counts: lines of JSON in, lines of JSON out.

{"text": "…", "names": ["o200k_base", …]} → {"counts": {"o200k_base": 12, …}}; a vocabulary that failed is
null. The vocabularies take some 350 MB together and seconds to load: they live here, not in the process that
answers readers, and go with this process once nobody has asked for a while.
"""

import json
import sys
from functools import lru_cache

from compare.costing.vocabularies import Count, counter_of

_counter = lru_cache(maxsize=None)(counter_of)


def counted(text: str, names: list[str]) -> dict[str, int | None]:
    """Name → tokens of the text, None where counting failed."""
    return {name: _one(name, text) for name in names}


def _one(name: str, text: str) -> int | None:
    try:
        count: Count = _counter(name)
        return count(text)
    except BaseException as error:  # the extension panics with one: never the whole answer
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        sys.stderr.write(f"{name}: {error!r}"[:300] + "\n")
        return None


def main() -> None:
    """Until standard input ends."""
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        answer = {"counts": counted(asked["text"], asked["names"])}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
