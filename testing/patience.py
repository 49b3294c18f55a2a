"""How long a test waits for what must come.

It comes in a second or two; on a slow machine on which others work it may take fifty times that. Whoever
waits goes on when it is there, so that only what never comes costs all of it. How quick something is, the
benches measure (benches/).
"""

from typing import Final

PATIENCE_S: Final = 120.0
