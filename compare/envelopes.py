"""Envelopes of figures as they are kept: without loss, and with their words in both languages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from compare.tongues import text_from, text_json


def provenance_json(provenance: Provenance) -> dict[str, Any]:
    """Without loss: words in both languages, and what does not apply left out."""
    found = {name: getattr(provenance, name) for name in Provenance.__slots__}
    # As they are kept: a lazy text that is empty in this language need not be in the other.
    found |= {name: text_json(found[name]) for name in ("source_name", "note")}
    none = Provenance(provenance.kind)
    told: dict[str, Any] = {"kind": provenance.kind}
    told |= {name: one for name, one in found.items() if one != getattr(none, name)}
    for name in ("last_at", "seen_at"):
        if name in told:
            told[name] = moment_text(told[name])
    return told


def provenance_from(told: Mapping[str, Any]) -> Provenance:
    """What `provenance_json` told."""
    moments = {name: moment_of(told[name]) for name in ("last_at", "seen_at") if name in told}
    words = {name: text_from(told[name]) for name in ("source_name", "note") if name in told}
    return Provenance(**{**told, **moments, **words})


def moment_of(text: str) -> datetime:
    """What `moment_text` wrote."""
    return datetime.fromisoformat(text)
