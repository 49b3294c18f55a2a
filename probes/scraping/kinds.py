"""Every kind of server that is read, and the one way from a text to its figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from probes.scraping import windows
from probes.scraping.dcgm import DCGM
from probes.scraping.exposition import Exposition, read_text
from probes.scraping.figures import Figures
from probes.scraping.llamacpp import LLAMACPP
from probes.scraping.node import NODE
from probes.scraping.problems import Problem, ScrapeError
from probes.scraping.table import Gauge, Kind, Rate
from probes.scraping.tgi import TGI
from probes.scraping.vllm import VLLM
from probes.scraping.windows import Reading

KINDS: Final[dict[str, Kind]] = {kind.slug: kind for kind in (VLLM, LLAMACPP, TGI, NODE, DCGM)}


def digest(slug: str, body: bytes, *, at: datetime, earlier: Sequence[Reading]) -> tuple[Figures, Reading]:
    """What the text read at `at` tells, set against the `earlier` readings (oldest first).

    The second part is for the readings to come. KeyError: no such kind. ScrapeError: NOT_TEXT, INVALID,
    TOO_MANY, and WRONG_KIND where the text holds no metric of this kind.
    """
    kind = KINDS[slug]
    text = read_text(body, kind.wanted())
    if not text.samples:
        raise ScrapeError(Problem.WRONG_KIND, f"no metric of {slug} in {len(body):,} bytes")
    newest = Reading(at, kind.counted(text))
    return Figures(**_figures(kind, text, [*earlier, newest])), newest


def _figures(kind: Kind, text: Exposition, readings: Sequence[Reading]) -> dict[str, Any]:
    rates, wide = windows.rate_window(readings), windows.quantile_window(readings)
    figures: dict[str, Any] = {}
    for line in kind.lines:
        if isinstance(line, Gauge):
            figures[line.figure] = line.told(text)
        else:
            figures[line.figure] = line.told(rates if isinstance(line, Rate) else wide)
    figures = kind.derive(text, figures)
    return figures | {
        "rate_window_s": windows.span_s(rates) or None,
        "quantile_window_s": windows.span_s(wide) or None,
    }
