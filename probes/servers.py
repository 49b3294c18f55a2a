"""Reading what servers told: one card per machine, totals over all, and the usage of endpoints."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from django.db.models import OuterRef, QuerySet, Subquery

from probes.models import Server, ServerSample
from probes.scraping.figures import Disk, Figures, Gpu

#: Three readings missed: what a server told before is still shown, with its age, but it is not the present.
FRESH: Final = timedelta(minutes=3)

MODEL_KINDS: Final = frozenset({Server.Kind.VLLM, Server.Kind.LLAMACPP, Server.Kind.TGI})


class Condition(StrEnum):
    """How reading a server stands, the worst first."""

    FAILING = "failing"  # the last reading failed
    SILENT = "silent"  # nobody has read it lately
    WAITING = "waiting"  # it has not been read yet
    REPORTING = "reporting"


@dataclass(frozen=True, slots=True)
class Source:
    """One metrics address and what it told last. `at` None and empty figures = nothing yet. Times are UTC.

    `problem`: `probes.scraping.problems.Problem` of the last reading, "" = it succeeded; `error`: its detail,
    for operators (it may name addresses).
    """

    slug: str
    name: str
    host: str
    kind: str
    kind_label: str
    endpoint: str
    figures: Figures
    at: datetime | None
    fresh: bool
    last_tried_at: datetime | None
    failures: int
    problem: str
    error: str

    @property
    def condition(self) -> Condition:
        if self.problem:
            return Condition.FAILING
        if self.at is None:
            return Condition.WAITING
        return Condition.REPORTING if self.fresh else Condition.SILENT


@dataclass(frozen=True, slots=True)
class Card:
    """One machine: every source that runs on it."""

    slug: str
    name: str
    sources: tuple[Source, ...]

    @property
    def condition(self) -> Condition:
        """The worst of its sources'."""
        order = list(Condition)
        return min((source.condition for source in self.sources), key=order.index)

    @property
    def partly(self) -> bool:
        """Some of its sources report and others do not."""
        reporting = [source.condition is Condition.REPORTING for source in self.sources]
        return any(reporting) and not all(reporting)

    @property
    def last_seen_at(self) -> datetime | None:
        """When any of its sources was last read."""
        return max((source.at for source in self.sources if source.at), default=None)

    @property
    def node(self) -> Source | None:
        """The source of CPU, memory, disks and network."""
        return next((source for source in self.sources if source.kind == Server.Kind.NODE), None)

    @property
    def gpu_sources(self) -> list[Source]:
        return [source for source in self.sources if source.figures.gpus]

    @property
    def gpus(self) -> list[Gpu]:
        return [gpu for source in self.sources for gpu in source.figures.gpus]

    @property
    def models(self) -> list[Source]:
        """The model servers."""
        return [source for source in self.sources if source.kind in MODEL_KINDS]

    @property
    def troubled(self) -> list[Source]:
        """What does not report, the worst first."""
        order = list(Condition)
        found = [source for source in self.sources if source.condition is not Condition.REPORTING]
        return sorted(found, key=lambda source: order.index(source.condition))


@dataclass(frozen=True, slots=True)
class Sum:
    """A figure over all servers that told it within the last three minutes: `told` of `of` that could.

    `value` None: none told it.
    """

    value: float | None
    told: int
    of: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Everything together; an old value is in no sum. Shares are of what is told, never of an average."""

    machines: int
    reporting: int
    requests_per_min: Sum
    running: Sum
    queue: Sum
    tokens_per_s: Sum
    cpus: Sum
    cpus_busy: Sum
    memory_used_bytes: Sum
    memory_total_bytes: Sum
    disk_used_bytes: Sum
    disk_total_bytes: Sum
    network_in_bytes_per_s: Sum
    network_out_bytes_per_s: Sum
    gpus: Sum
    gpu_memory_used_bytes: Sum
    gpu_memory_total_bytes: Sum
    gpu_power_w: Sum


@dataclass(frozen=True, slots=True)
class Servers:
    """All cards by name, and their totals."""

    cards: tuple[Card, ...]
    totals: Totals
    generated_at: datetime


@dataclass(frozen=True, slots=True)
class Usage:
    """An endpoint's requests per minute as its servers count them, None where none told it.

    `servers`: the names of those that told it; `silent`: of those that serve it too and did not. `at`: the
    oldest of the readings, UTC.
    """

    requests_per_min: float | None
    servers: tuple[str, ...]
    silent: tuple[str, ...]
    at: datetime | None


def load_servers(*, now: datetime) -> Servers:
    """All enabled servers with what each told last: one query, whatever the number of servers and samples."""
    machines: dict[str, list[Source]] = {}
    for server in _with_newest(Server.objects.filter(enabled=True).select_related("endpoint")):
        machines.setdefault(server.host or f"\0{server.slug}", []).append(_source(server, now))
    cards = [_card(sources) for sources in machines.values()]
    cards.sort(key=lambda card: (card.name.casefold(), card.slug))
    return Servers(tuple(cards), total_of(cards), now)


def usage_of_endpoints(*, now: datetime) -> dict[int, Usage]:
    """Endpoint id → its usage, of those that have model servers; from fresh samples only, one query."""
    serving = Server.objects.filter(enabled=True, endpoint__isnull=False, kind__in=MODEL_KINDS)
    told: dict[int, list[Server]] = {}
    for server in _with_newest(serving):
        told.setdefault(server.endpoint_id, []).append(server)  # type: ignore[arg-type]  # filtered above
    return {endpoint_id: _usage(servers, now) for endpoint_id, servers in told.items()}


def _with_newest(servers: QuerySet[Server]) -> QuerySet[Server]:
    """Each with the figures of its newest sample as `newest_figures`, None before the first."""
    newest = ServerSample.objects.filter(server=OuterRef("pk"), at=OuterRef("last_seen_at"))
    return servers.annotate(newest_figures=Subquery(newest.values("figures")[:1]))


def _is_fresh(server: Server, now: datetime) -> bool:
    return server.last_seen_at is not None and server.last_seen_at > now - FRESH


def _source(server: Server, now: datetime) -> Source:
    figures = Figures.from_json(server.newest_figures or {})  # type: ignore[attr-defined]  # _with_newest
    return Source(
        slug=server.slug,
        name=server.name,
        host=server.host,
        kind=server.kind,
        kind_label=server.get_kind_display(),
        endpoint=server.endpoint.slug if server.endpoint else "",
        figures=figures,
        at=server.last_seen_at,
        fresh=_is_fresh(server, now),
        last_tried_at=server.last_tried_at,
        failures=server.failures,
        problem=server.problem,
        error=server.error,
    )


def _card(sources: list[Source]) -> Card:
    first = sources[0]
    return Card(first.slug, first.host or first.name, tuple(sources))


def _usage(servers: Iterable[Server], now: datetime) -> Usage:
    told: list[tuple[str, datetime, float]] = []
    silent: list[str] = []
    for server in servers:
        figures = server.newest_figures or {}  # type: ignore[attr-defined]  # _with_newest
        rate = figures.get("requests_per_min") if _is_fresh(server, now) else None
        if rate is None or server.last_seen_at is None:
            silent.append(server.name)
        else:
            told.append((server.name, server.last_seen_at, rate))
    return Usage(
        requests_per_min=sum(rate for _name, _at, rate in told) if told else None,
        servers=tuple(name for name, _at, _rate in told),
        silent=tuple(silent),
        at=min((at for _name, at, _rate in told), default=None),
    )


def total_of(cards: Iterable[Card]) -> Totals:
    """The one place where machines are added up."""
    cards = list(cards)
    models = [source for card in cards for source in card.models]
    nodes = [source for card in cards for source in card.sources if source.kind == Server.Kind.NODE]
    gpus = [source for card in cards for source in card.sources if source.kind == Server.Kind.DCGM]
    return Totals(
        machines=len(cards),
        reporting=sum(card.condition is Condition.REPORTING for card in cards),
        requests_per_min=_sum(models, lambda f: f.requests_per_min),
        running=_sum(models, lambda f: f.running),
        queue=_sum(models, lambda f: f.queue),
        tokens_per_s=_sum(models, lambda f: f.tokens_per_s),
        cpus=_sum(nodes, lambda f: f.cpus if f.cpu_pct is not None else None),
        cpus_busy=_sum(nodes, _busy_cpus),
        memory_used_bytes=_sum(nodes, lambda f: f.memory_used_bytes),
        memory_total_bytes=_sum(
            nodes, lambda f: f.memory_total_bytes if f.memory_used_bytes is not None else None
        ),
        disk_used_bytes=_sum(nodes, lambda f: _disks(f, lambda disk: disk.used_bytes)),
        disk_total_bytes=_sum(nodes, lambda f: _disks(f, lambda disk: disk.total_bytes)),
        network_in_bytes_per_s=_sum(nodes, lambda f: f.network_in_bytes_per_s),
        network_out_bytes_per_s=_sum(nodes, lambda f: f.network_out_bytes_per_s),
        gpus=_sum(gpus, lambda f: len(f.gpus) or None),
        gpu_memory_used_bytes=_sum(gpus, lambda f: _gpus(f, _known_memory_used)),
        gpu_memory_total_bytes=_sum(gpus, lambda f: _gpus(f, _known_memory)),
        gpu_power_w=_sum(gpus, lambda f: _gpus(f, lambda gpu: gpu.power_w)),
    )


def _sum(sources: list[Source], figure: Callable[[Figures], float | None]) -> Sum:
    told = [value for s in sources if s.fresh and (value := figure(s.figures)) is not None]
    return Sum(sum(told) if told else None, len(told), len(sources))


def _busy_cpus(figures: Figures) -> float | None:
    if figures.cpus is None or figures.cpu_pct is None:
        return None
    return figures.cpus * figures.cpu_pct / 100


def _disks(figures: Figures, of: Callable[[Disk], float]) -> float | None:
    return sum(of(disk) for disk in figures.disks) if figures.disks else None


def _gpus(figures: Figures, of: Callable[[Gpu], float | None]) -> float | None:
    """None unless every GPU tells it: a part would pass for all."""
    values = [of(gpu) for gpu in figures.gpus]
    told = [value for value in values if value is not None]
    return sum(told) if told and len(told) == len(values) else None


def _known_memory_used(gpu: Gpu) -> float | None:
    return gpu.memory_used_bytes if gpu.memory_total_bytes else None


def _known_memory(gpu: Gpu) -> float | None:
    return gpu.memory_total_bytes if gpu.memory_used_bytes is not None else None
