"""A scenario file, read and checked.

Every error names the file, the key, the value and what would be accepted.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, pi
from pathlib import Path
from typing import Any

from probes.simulator.profile import (
    DEFAULT_FAULT_SECONDS,
    EPOCH,
    EVERYBODY,
    FAULTS,
    FaultRule,
    Lifecycle,
    Limits,
    Outage,
    Profile,
    Swap,
)
from probes.simulator.sections import ScenarioError as ScenarioError
from probes.simulator.sections import Section
from probes.simulator.telling import Telling, read_telling

SCENARIO_DIR = Path(__file__).resolve().parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A checked scenario. start: the clock's moment at offset 0, UTC.

    Speed: scenario seconds per real second.
    """

    name: str
    about: str
    start: datetime
    speed: float
    multipliers: Mapping[str, float]
    utc_offsets_h: Mapping[str, float]
    peak_hour: float
    amplitude: float
    default: Profile
    profiles: Mapping[str, Profile]
    outages: tuple[Outage, ...]
    pages: Mapping[str, Telling]

    def profile(self, endpoint: str) -> Profile:
        """Of an endpoint slug, else of its provider, else the default."""
        provider = endpoint.partition("--")[0]
        return self.profiles.get(endpoint) or self.profiles.get(provider) or self.default

    def day_factor(self, region: str, offset_s: float) -> float:
        """Load of the local hour: 1 + amplitude at the peak hour, 1 - amplitude twelve hours away.

        Steps by the whole hour, so that two runs of some seconds' difference plan the same.
        """
        local = self.start + timedelta(seconds=offset_s, hours=self.utc_offsets_h.get(region, 0.0))
        return 1 + self.amplitude * cos(2 * pi * (local.hour - self.peak_hour) / 24)

    def region_factor(self, region: str) -> float:
        return self.multipliers.get(region, 1.0)


def load_scenario(name: str, endpoints: Iterable[str]) -> Scenario:
    """`name`: a file, or the name of one of the scenarios that ship (`default`, `outage`, `drills`).

    A scenario that `extends` one that ships has its keys where it names none itself.
    """
    path = Path(name) if name.endswith(".json") else SCENARIO_DIR / f"{name}.json"
    document = _read_file(path)
    if isinstance(document, dict) and (base := document.pop("extends", None)) is not None:
        under = _read_file(SCENARIO_DIR / f"{Path(str(base)).name}.json")
        document = {**under, **document, "endpoints": {**under["endpoints"], **document.get("endpoints", {})}}
    return read_scenario(document, path.name, endpoints)


def _read_file(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        known = ", ".join(sorted(file.stem for file in SCENARIO_DIR.glob("*.json")))
        raise ScenarioError(f"{path}: cannot be read ({exc.strerror}); scenarios that ship: {known}") from exc
    except ValueError as exc:
        raise ScenarioError(f"{path}: not JSON: {exc}") from exc


def read_scenario(document: Any, name: str, endpoints: Iterable[str]) -> Scenario:
    """Check a scenario document. endpoints: slugs of the fleet, for the names in it.

    ScenarioError names the key.
    """
    slugs = list(endpoints)
    providers = {slug.partition("--")[0] for slug in slugs}
    root = Section(document, name)
    clock, day, defaults = root.section("clock"), root.section("time_of_day"), root.section("defaults")
    regions = root.section("regions").items()
    scenario = Scenario(
        name=name,
        about=str(root.get("about", "")),
        start=clock.moment("start", "2026-01-05T00:00:00+00:00") or EPOCH,
        speed=clock.number("speed", 1, 0.001, 86_400),
        multipliers={key: region.number("multiplier", 1, 0.01, 100) for key, region in regions},
        utc_offsets_h={key: region.number("utc_offset_h", 0, -12, 14) for key, region in regions},
        peak_hour=day.number("peak_hour", 15, 0, 24),
        amplitude=day.number("amplitude", 0, 0, 0.9),
        default=_profile(defaults, defaults),
        profiles=_profiles(root.section("endpoints"), defaults, {*slugs, *providers}),
        outages=tuple(_outage(section, providers) for section in root.sections("outages")),
        pages=_pages(root.section("pages"), providers),
    )
    for section in (root, clock, day, *(region for _, region in regions)):
        section.done()
    return scenario


def _profiles(section: Section, defaults: Section, known: set[str]) -> dict[str, Profile]:
    profiles = {}
    for slug, part in section.items():
        if slug not in known:
            raise ScenarioError(f"{section.at(slug)}: no such endpoint or provider in the simulated fleet")
        profiles[slug] = _profile(part, defaults)
    return profiles


def _profile(section: Section, defaults: Section) -> Profile:
    merged = section.over(defaults)
    ttft = merged.section("ttft_ms")
    profile = Profile(
        ttft_median_ms=ttft.number("median", 300, 1, 120_000),
        ttft_sigma=ttft.number("sigma", 0.25, 0, 3),
        headers_share=merged.number("headers_share", 0.4, 0, 1),
        tokens_per_s=merged.number("tokens_per_s", 60, 0.1, 10_000),
        reasoning_tokens=int(merged.number("reasoning_tokens", 0, 0, 10_000)),
        flat_regions=merged.flag("flat_regions"),
        faults=tuple(_fault(part) for part in merged.sections("faults")),
        cached_share=merged.number("cached_share", 0, 0, 1),
        usd_per_mtok=merged.number("usd_per_mtok", None, 0, 1e6) if merged.has("usd_per_mtok") else None,
        swaps=tuple(sorted((_swap(part) for part in merged.sections("swaps")), key=lambda swap: swap.at_s)),
        limits=_limits(merged.section("limits")) if merged.has("limits") else None,
        lifecycle=_lifecycle(merged.section("lifecycle")),
    )
    ttft.done()
    merged.done()
    return profile


def _swap(section: Section) -> Swap:
    swap = Swap(
        at_s=section.number("at_s", None, 0, 1e9),
        model=str(section.get("model", "")),
        fingerprint=str(section.get("fingerprint", "")),
    )
    section.done()
    return swap


def _limits(section: Section) -> Limits:
    limits = Limits(
        requests_per_minute=int(section.number("requests_per_minute", 6000, 1, 1e9)),
        tokens_per_minute=int(section.number("tokens_per_minute", 2_000_000, 1, 1e9)),
        enforced=section.flag("enforced"),
    )
    section.done()
    return limits


def _lifecycle(section: Section) -> Lifecycle:
    lifecycle = Lifecycle(
        state=section.choice("state", ("active", "deprecated", "retired"))
        if section.has("state")
        else "active",
        deprecated_at=section.moment("deprecated_at", None),
        retires_at=section.moment("retires_at", None),
    )
    section.done()
    return lifecycle


def _fault(section: Section) -> FaultRule:
    kind = section.choice("kind", FAULTS)
    every = section.get("every")
    rule = FaultRule(
        kind=kind,
        rate=section.number("rate", 0, 0, 1),
        every=None if every is None else int(section.number("every", None, 2, 1_000_000)),
        regions=frozenset(section.names("regions")),
        seconds=section.number("seconds", DEFAULT_FAULT_SECONDS.get(kind, 0), 0, 3_600),
    )
    section.done()
    return rule


def _pages(section: Section, providers: set[str]) -> dict[str, Telling]:
    """How official pages tell; the moment since when is the running simulator's to fill in."""
    pages = {}
    for slug, part in section.items():
        if slug not in {*providers, EVERYBODY}:
            raise ScenarioError(f"{section.at(slug)}: no such provider in the simulated fleet")
        pages[slug] = read_telling(part, EPOCH)
    return pages


def _outage(section: Section, providers: set[str]) -> Outage:
    start = section.number("start_s", None, 0, 1e9)
    struck = section.names("providers", {*providers, EVERYBODY})
    onset = dict.fromkeys(providers if EVERYBODY in struck else struck, start)
    for spread in section.sections("spreads_to"):
        onset[spread.choice("provider", sorted(providers))] = start + spread.number("after_s", None, 0, 1e9)
        spread.done()
    kind = section.choice("kind", FAULTS)
    outage = Outage(
        onset_s=onset,
        end_s=section.number("end_s", None, start, 1e9),
        kind=kind,
        regions=frozenset(section.names("regions")),
        share=section.number("share", 1, 0, 1),
        seconds=section.number("seconds", DEFAULT_FAULT_SECONDS.get(kind, 0), 0, 3_600),
    )
    section.done()
    return outage
