"""A scenario file, read and checked.

Every error names the file, the key, the value and what would be accepted.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import cos, pi
from pathlib import Path
from typing import Any, Final

SCENARIO_DIR = Path(__file__).resolve().parent / "scenarios"

# What a fault does; the first group answers before a stream begins.
FAULTS: Final[dict[str, str]] = {
    "http_500": "500 in the vendor's shape",
    "http_503": "503 in the vendor's shape",
    "http_529": "529 overloaded",
    "rate_429": "429, too many requests",
    "quota_429": "429, credit used up",
    "html_200": "an HTML page with status 200",
    "reset": "the connection is aborted before a byte",
    "hang": "no answer for `seconds`",
    "slow_stream": "a pause of `seconds` after the first token",
    "cut_stream": "the connection is aborted inside the stream",
    "truncate_stream": "the stream ends cleanly without its terminal marker",
    "stream_error": "an error event inside the 200 stream",
    "bad_json": "a payload that is no JSON",
    "empty": "a normal end without text",
    "wrong_answer": "another text than the one asked for",
    "keep_alive": "comment lines before the first token (no failure)",
}
DEFAULT_FAULT_SECONDS: Final = {"hang": 120.0, "slow_stream": 12.0}


class ScenarioError(ValueError):
    """Ours, permanent until the file is mended."""


@dataclass(frozen=True, slots=True)
class FaultRule:
    """A fault that comes at random (`rate`, 0–1 of requests) or at regular steps (`every` n-th request)."""

    kind: str
    rate: float
    every: int | None
    regions: frozenset[str]  # empty = all
    seconds: float


@dataclass(frozen=True, slots=True)
class Profile:
    """How an endpoint behaves. ttft_median_ms, ttft_sigma: lognormal time to the first token at factor 1."""

    ttft_median_ms: float
    ttft_sigma: float
    headers_share: float
    tokens_per_s: float
    reasoning_tokens: int
    flat_regions: bool
    faults: tuple[FaultRule, ...]


@dataclass(frozen=True, slots=True)
class Outage:
    """A scripted outage. Offsets in seconds of the scenario's clock.

    Onset per provider, the spread included.
    """

    onset_s: Mapping[str, float]
    end_s: float
    kind: str
    regions: frozenset[str]
    share: float
    seconds: float

    def covers(self, provider: str, region: str, offset_s: float) -> bool:
        onset = self.onset_s.get(provider)
        here = not self.regions or region in self.regions
        return onset is not None and here and onset <= offset_s < self.end_s


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


class Section:
    """One JSON object of the file, read key by key; `done` refuses what nobody asked for."""

    def __init__(self, data: Any, path: str) -> None:
        if not isinstance(data, dict):
            raise ScenarioError(f"{path}: expected an object, got {data!r}")
        self._data = data
        self._path = path
        self._asked: set[str] = {"about"}

    def at(self, key: str) -> str:
        return f"{self._path}.{key}"

    def get(self, key: str, default: Any = None) -> Any:
        self._asked.add(key)
        return self._data.get(key, default)

    def number(self, key: str, default: float | None, low: float, high: float) -> float:
        value = self.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ScenarioError(f"{self.at(key)}: expected a number from {low:g} to {high:g}, got {value!r}")
        return float(value)

    def choice(self, key: str, allowed: Iterable[str]) -> str:
        value = self.get(key)
        if value not in (names := list(allowed)):
            raise ScenarioError(f"{self.at(key)}: expected one of {', '.join(names)}, got {value!r}")
        return str(value)

    def names(self, key: str, allowed: Iterable[str] | None = None) -> list[str]:
        value = self.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise ScenarioError(f"{self.at(key)}: expected a list of names, got {value!r}")
        known = None if allowed is None else set(allowed)
        for item in value:
            if known is not None and item not in known:
                raise ScenarioError(
                    f"{self.at(key)}: unknown name {item!r}; known: {', '.join(sorted(known))}"
                )
        return value

    def sections(self, key: str) -> list["Section"]:
        value = self.get(key, [])
        if not isinstance(value, list):
            raise ScenarioError(f"{self.at(key)}: expected a list, got {value!r}")
        return [Section(item, f"{self.at(key)}[{index}]") for index, item in enumerate(value)]

    def section(self, key: str) -> "Section":
        return Section(self.get(key, {}), self.at(key))

    def items(self) -> list[tuple[str, "Section"]]:
        """Every key but `about`, each an object."""
        self._asked |= set(self._data)
        return [(key, Section(value, self.at(key))) for key, value in self._data.items() if key != "about"]

    def done(self) -> None:
        if unknown := sorted(set(self._data) - self._asked):
            raise ScenarioError(
                f"{self.at(unknown[0])}: unknown key; known: {', '.join(sorted(self._asked))}"
            )

    def over(self, base: "Section") -> "Section":
        """This section laid over `base`: keys missing here come from there."""
        return Section({**base._data, **self._data}, self._path)


def load_scenario(name: str, endpoints: Iterable[str]) -> Scenario:
    """`name`: a file, or the name of one of the scenarios that ship (`default`, `outage`)."""
    path = Path(name) if name.endswith(".json") else SCENARIO_DIR / f"{name}.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        known = ", ".join(sorted(file.stem for file in SCENARIO_DIR.glob("*.json")))
        raise ScenarioError(f"{path}: cannot be read ({exc.strerror}); scenarios that ship: {known}") from exc
    except ValueError as exc:
        raise ScenarioError(f"{path}: not JSON: {exc}") from exc
    return read_scenario(document, path.name, endpoints)


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
        start=_moment(clock, "start"),
        speed=clock.number("speed", 1, 0.001, 86_400),
        multipliers={key: region.number("multiplier", 1, 0.01, 100) for key, region in regions},
        utc_offsets_h={key: region.number("utc_offset_h", 0, -12, 14) for key, region in regions},
        peak_hour=day.number("peak_hour", 15, 0, 24),
        amplitude=day.number("amplitude", 0, 0, 0.9),
        default=_profile(defaults, defaults),
        profiles=_profiles(root.section("endpoints"), defaults, {*slugs, *providers}),
        outages=tuple(_outage(section, providers) for section in root.sections("outages")),
    )
    for section in (root, clock, day, *(region for _, region in regions)):
        section.done()
    return scenario


def _moment(section: Section, key: str) -> datetime:
    value = section.get(key, "2026-01-05T00:00:00+00:00")
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as exc:
        raise ScenarioError(f"{section.at(key)}: expected an ISO 8601 moment, got {value!r}") from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


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
    flat = merged.get("flat_regions", False)
    if not isinstance(flat, bool):
        raise ScenarioError(f"{merged.at('flat_regions')}: expected true or false, got {flat!r}")
    profile = Profile(
        ttft_median_ms=ttft.number("median", 300, 1, 120_000),
        ttft_sigma=ttft.number("sigma", 0.25, 0, 3),
        headers_share=merged.number("headers_share", 0.4, 0, 1),
        tokens_per_s=merged.number("tokens_per_s", 60, 0.1, 10_000),
        reasoning_tokens=int(merged.number("reasoning_tokens", 0, 0, 10_000)),
        flat_regions=flat,
        faults=tuple(_fault(part) for part in merged.sections("faults")),
    )
    ttft.done()
    merged.done()
    return profile


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


def _outage(section: Section, providers: set[str]) -> Outage:
    start = section.number("start_s", None, 0, 1e9)
    onset = dict.fromkeys(section.names("providers", providers), start)
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
