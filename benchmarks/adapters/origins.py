"""Where the bytes of a file came from. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: raw.githubusercontent.com/<owner>/<repository>/<commit>/…: the commit, where an address pins one.
_COMMIT: Final = re.compile(r"/([0-9a-f]{40})/")


@dataclass(frozen=True, slots=True)
class Origin:
    """`url`: what rows cite that have no address of their own. `licence`: where rows say none."""

    url: str = ""
    licence: str = ""
    content_hash: str = ""

    @property
    def version(self) -> str:
        """The commit that the address pins; where it pins none, the hash of what was read there."""
        found = _COMMIT.search(self.url)
        if found:
            return found[1]
        return f"sha256:{self.content_hash[:16]}" if self.content_hash else ""
