"""What a figure was computed from, or who said it: the envelope that every number bears."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from django.utils.functional import Promise

from aigo.lib.moments import moment_text

#: measured: by our own probes. counted: how many rows of ours. cited: somebody else says so. computed: from
#: other figures of ours, by a rule that `note` names.
Kind = Literal["measured", "counted", "cited", "computed"]

#: The part of the methodology page that tells how such a figure comes about, by its anchor there.
Rule = Literal[
    "", "probes", "figures", "offline", "counts", "usage", "lead", "budgets", "cost", "provenance",
    "benchmarks", "choosing", "normalisation", "composites", "prices", "diagnosis", "requests",
]  # fmt: skip
#: Where a figure names none.
_RULES: Final[dict[Kind, Rule]] = {
    "measured": "figures",
    "counted": "counts",
    "cited": "provenance",
    "computed": "figures",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where one figure is from.

    samples: attempts or rows that carry it, None = not a matter of samples. window_s: seconds that it covers,
    None = a moment. region: slug, "" = of no place. last_at: the newest sample, UTC, None = unknown or none.
    tier: of the probes, "" = none. seen_at: when the source was read, UTC. licence: of the source, "" = not
    stated. note: one translated sentence, lazy where the envelope is kept for several languages. rule: the
    anchor on the methodology page, "" = that of its kind.
    """

    kind: Kind
    samples: int | None = None
    window_s: int | None = None
    region: str = ""
    last_at: datetime | None = None
    tier: str = ""
    method_version: str = ""
    source_name: str | Promise = ""
    source_url: str = ""
    seen_at: datetime | None = None
    licence: str = ""
    simulated: bool = False
    note: str | Promise = ""
    rule: Rule = ""

    @property
    def anchor(self) -> Rule:
        """The part of the methodology page that tells how it comes about."""
        return self.rule or _RULES[self.kind]

    def to_json(self) -> dict[str, Any]:
        """The envelope in the API; what does not apply is null."""
        return {
            "kind": self.kind,
            "samples": self.samples,
            "window_s": self.window_s,
            "region": self.region or None,
            "last_sample_at": moment_text(self.last_at),
            "tier": self.tier or None,
            "method_version": self.method_version or None,
            "source_name": str(self.source_name) or None,
            "source_url": self.source_url or None,
            "seen_at": moment_text(self.seen_at),
            "licence": self.licence or None,
            "simulated": self.simulated,
            "note": str(self.note) or None,
        }
