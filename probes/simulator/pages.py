"""What a provider's official page says at a moment, in Atlassian Statuspage's form and as Atom. Pure.

The same troubles, telling and moment always make the same bytes, so a page that says nothing new keeps its
ETag, and a drill on a stepped clock reads what the running simulator would serve.
https://confluence.status.atlassian.com/api
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from probes.simulator.profile import EPOCH
from probes.simulator.telling import FOREVER, Telling
from probes.simulator.troubles import Effect, Trouble

HTML: Final = b"<!DOCTYPE html><html><head><title>Status</title></head><body>All is well.</body></html>"
#: So long after its first words a page says that it knows the cause, if the trouble is not over by then.
IDENTIFIED_AFTER: Final = timedelta(minutes=3)
KEPT: Final = 50  # incidents.json holds the last fifty

#: Effect → impact of the incident, status of the components.
_WORDS: Final = {
    Effect.OUTAGE: ("major", "major_outage"),
    Effect.PARTIAL: ("minor", "partial_outage"),
    Effect.SLOW: ("minor", "degraded_performance"),
}
_TITLES: Final = {
    Effect.OUTAGE: "Outage of the API",
    Effect.PARTIAL: "Elevated errors on the API",
    Effect.SLOW: "Elevated latency of the API",
}
_DESCRIPTIONS: Final = {
    "none": "All Systems Operational",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
}


@dataclass(frozen=True, slots=True)
class _Told:
    """An incident as the page has told it up to a moment. updates: (status, when it was written)."""

    ident: str
    effect: Effect
    written_at: datetime
    updates: tuple[tuple[str, datetime], ...]

    @property
    def resolved_at(self) -> datetime | None:
        return next((at for status, at in self.updates if status == "resolved"), None)


def bodies_at(
    provider: str,
    troubles: Iterable[Trouble],
    at: datetime,
    *,
    telling: Telling | None = None,
    components: Sequence[str] = (),
    name: str = "",
    url: str = "https://status.invalid",
) -> dict[str, bytes]:
    """The page's bodies at `at` (UTC) by their path under its address, as `api/v2/summary.json`.

    troubles: the provider's, also those to come. components: names beside the API itself. name: how the
    provider is called, its slug where it is "". Empty where nothing can be read whole: `hang` and `huge`.
    """
    telling = telling or Telling()
    mode = telling.mode_at(at)
    if mode in ("hang", "huge"):
        return {}
    told = _told(provider, troubles, telling, at)
    page = _Page(provider, name or provider, tuple(components), url, told)
    bodies = {f"api/v2/{key}.json": _json(value) for key, value in page.documents().items()}
    bodies["history.atom"] = page.atom().encode()
    if mode == "shape":
        return {path: _json({"data": {"state": "ok", "events": []}}) for path in bodies}
    if mode == "html":
        return dict.fromkeys(bodies, HTML)
    if mode == "utf16":
        return {path: b"\xfe\xff" + body.decode().encode("utf-16-be") for path, body in bodies.items()}
    return bodies


def _told(provider: str, troubles: Iterable[Trouble], telling: Telling, at: datetime) -> tuple[_Told, ...]:
    """Newest first. What the page's delay outlasts is never told; nor what falls into its silence."""
    found = []
    for trouble in troubles:
        says_at = trouble.began_at + timedelta(seconds=telling.lag_s)
        over = trouble.ended_at is not None and trouble.ended_at <= says_at
        if not over and says_at <= at and telling.mode_at(says_at) != "silent":
            ended_at = trouble.ended_at and trouble.ended_at + timedelta(seconds=telling.resolve_lag_s)
            found.append(_tell(provider, trouble.effect, says_at, ended_at, telling, at))
    if telling.mode == "lie" and telling.since <= at:
        ended_at = None if telling.until == FOREVER else telling.until
        found.append(_tell(provider, Effect.OUTAGE, telling.since, ended_at, telling, at))
    if telling.mode_at(at) == "silent":
        found = []
    return tuple(sorted(found, key=lambda told: (told.written_at, told.ident), reverse=True)[:KEPT])


def _tell(
    provider: str,
    effect: Effect,
    says_at: datetime,
    ended_at: datetime | None,
    telling: Telling,
    at: datetime,
) -> _Told:
    steps = [("investigating", says_at)]
    if ended_at is None or says_at + IDENTIFIED_AFTER < ended_at:
        steps.append(("identified", says_at + IDENTIFIED_AFTER))
    if ended_at is not None:
        steps.append(("resolved", max(ended_at, says_at)))
    written_at = says_at - timedelta(seconds=telling.backdate_s)
    told = [(status, when) for status, when in steps if when <= at]
    updates = ((told[0][0], written_at), *told[1:])
    return _Told(_ident(provider, says_at.isoformat()), effect, written_at, updates)


@dataclass(frozen=True, slots=True)
class _Page:
    provider: str
    name: str
    names: tuple[str, ...]
    url: str
    told: tuple[_Told, ...]

    def documents(self) -> Mapping[str, Any]:
        """By the name of the file under /api/v2/."""
        incidents = [self._incident(told) for told in self.told]
        going_on = [incident for incident in incidents if incident["resolved_at"] is None]
        head = {"page": self._page()}
        impact = max((one["impact"] for one in going_on), key=["minor", "major"].index, default="none")
        status = {"indicator": impact, "description": _DESCRIPTIONS[impact]}
        components = self._components(next((t for t in self.told if t.resolved_at is None), None))
        return {
            "summary": {
                **head,
                "components": components,
                "incidents": going_on,
                "scheduled_maintenances": [],
                "status": status,
            },
            "status": {**head, "status": status},
            "components": {**head, "components": components},
            "incidents": {**head, "incidents": incidents},
            "incidents/unresolved": {**head, "incidents": going_on},
            "scheduled-maintenances": {**head, "scheduled_maintenances": []},
        }

    def atom(self) -> str:
        entries = "".join(self._entry(told) for told in self.told)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<id>tag:{self.provider}.invalid,2026:/history</id><title>{escape(self.name)} Status</title>"
            f"<updated>{_text(self._updated_at())}</updated>"
            f'<link rel="alternate" type="text/html" href={quoteattr(self.url)}/>'
            f"<author><name>{escape(self.name)}</name></author>{entries}</feed>\n"
        )

    def _page(self) -> dict[str, Any]:
        return {
            "id": _ident(self.provider, "page"),
            "name": self.name,
            "url": self.url,
            "time_zone": "Etc/UTC",
            "updated_at": _text(self._updated_at()),
        }

    def _updated_at(self) -> datetime:
        return max((when for told in self.told for _, when in told.updates), default=EPOCH)

    def _components(self, trouble: _Told | None) -> list[dict[str, Any]]:
        """trouble: the newest that is not resolved; it reaches everything that the provider serves."""
        status = _WORDS[trouble.effect][1] if trouble else "operational"
        changed_at = trouble.written_at if trouble else self._updated_at()
        return [
            {
                "id": _ident(self.provider, f"component {name}"),
                "name": name,
                "status": status,
                "description": None,
                "position": position,
                "group": False,
                "group_id": None,
                "showcase": False,
                "only_show_if_degraded": False,
                "start_date": None,
                "page_id": _ident(self.provider, "page"),
                "created_at": _text(EPOCH),
                "updated_at": _text(changed_at),
            }
            for position, name in enumerate(("API", *self.names), start=1)
        ]

    def _incident(self, told: _Told) -> dict[str, Any]:
        return {
            "id": told.ident,
            "name": _TITLES[told.effect],
            "status": told.updates[-1][0],
            "impact": _WORDS[told.effect][0],
            "shortlink": f"{self.url}/incidents/{told.ident}",
            "page_id": _ident(self.provider, "page"),
            "started_at": _text(told.written_at),
            "created_at": _text(told.written_at),
            "updated_at": _text(told.updates[-1][1]),
            "monitoring_at": None,
            "resolved_at": told.resolved_at and _text(told.resolved_at),
            "components": self._components(told if told.resolved_at is None else None),
            "incident_updates": [self._update(told, status, when) for status, when in reversed(told.updates)],
        }

    def _update(self, told: _Told, status: str, when: datetime) -> dict[str, Any]:
        new = "operational" if status == "resolved" else _WORDS[told.effect][1]
        components = self._components(None)
        affected = [{"code": one["id"], "name": one["name"], "new_status": new} for one in components]
        return {
            "id": _ident(told.ident, status),
            "status": status,
            "body": _sentence(status, self.name),
            "incident_id": told.ident,
            "created_at": _text(when),
            "updated_at": _text(when),
            "display_at": _text(when),
            "affected_components": affected,
        }

    def _entry(self, told: _Told) -> str:
        words = "".join(
            f"<p><small>{_text(when)}</small><br/><strong>{status.capitalize()}</strong> - "
            f"{escape(_sentence(status, self.name))}</p>"
            for status, when in reversed(told.updates)
        )
        return (
            f"<entry><id>tag:{self.provider}.invalid,2026:Incident/{told.ident}</id>"
            f"<published>{_text(told.written_at)}</published><updated>{_text(told.updates[-1][1])}</updated>"
            f'<link rel="alternate" type="text/html" href={quoteattr(f"{self.url}/incidents/{told.ident}")}/>'
            f'<title>{_TITLES[told.effect]}</title><content type="html">{escape(words)}</content></entry>'
        )


def _sentence(status: str, name: str) -> str:
    return {
        "investigating": f"We are investigating reports of trouble with the {name} API.",
        "identified": "The cause has been found and is being mended.",
        "resolved": "This incident has been resolved.",
    }[status]


def _ident(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:12]


def _text(at: datetime) -> str:
    """As Statuspage writes moments: 2026-11-22T00:45:12.345Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
