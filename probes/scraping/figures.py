"""What a reading tells, whatever kind of server told it. None everywhere = not told."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Distribution:
    """Percentiles of one of a server's histograms over the last minutes, in milliseconds.

    `samples`: the requests they rest on. `p95_ms` None: too few of them (`windows.P95_MIN_SAMPLES`).
    """

    p50_ms: float
    p95_ms: float | None
    samples: int


@dataclass(frozen=True, slots=True)
class Disk:
    """One file system, as df has it: used ÷ (used + available); what only root may fill is in neither."""

    mountpoint: str
    used_bytes: float
    available_bytes: float

    @property
    def total_bytes(self) -> float:
        return self.used_bytes + self.available_bytes

    @property
    def used_pct(self) -> float:
        return 100 * self.used_bytes / self.total_bytes if self.total_bytes else 0.0


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU. `xid`: code of its last error, 0 = none: https://docs.nvidia.com/deploy/xid-errors/"""

    name: str
    model: str
    util_pct: float | None = None
    memory_used_bytes: float | None = None
    memory_total_bytes: float | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    xid: int | None = None

    @property
    def memory_pct(self) -> float | None:
        if self.memory_used_bytes is None or not self.memory_total_bytes:
            return None
        return 100 * self.memory_used_bytes / self.memory_total_bytes


@dataclass(frozen=True, slots=True)
class Figures:
    """Rates are of the last `rate_window_s` seconds, distributions of the last `quantile_window_s`."""

    requests_per_min: float | None = None
    running: float | None = None
    queue: float | None = None
    tokens_per_s: float | None = None
    prompt_tokens_per_s: float | None = None
    kv_cache_pct: float | None = None
    ttft: Distribution | None = None
    tpot: Distribution | None = None
    duration: Distribution | None = None

    cpu_pct: float | None = None
    cpus: int | None = None
    load1: float | None = None
    memory_used_bytes: float | None = None
    memory_total_bytes: float | None = None
    disks: tuple[Disk, ...] = ()
    disk_read_bytes_per_s: float | None = None
    disk_written_bytes_per_s: float | None = None
    network_in_bytes_per_s: float | None = None
    network_out_bytes_per_s: float | None = None

    gpus: tuple[Gpu, ...] = ()

    rate_window_s: float | None = None
    quantile_window_s: float | None = None

    @property
    def memory_pct(self) -> float | None:
        if self.memory_used_bytes is None or not self.memory_total_bytes:
            return None
        return 100 * self.memory_used_bytes / self.memory_total_bytes

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Figures":
        """The figures that `to_json` wrote; a field that this version does not know is left out."""
        known = {name: value for name, value in data.items() if name in cls.__dataclass_fields__}
        for name in ("ttft", "tpot", "duration"):
            if known.get(name) is not None:
                known[name] = Distribution(**known[name])
        known["disks"] = tuple(Disk(**disk) for disk in known.get("disks", ()))
        known["gpus"] = tuple(Gpu(**gpu) for gpu in known.get("gpus", ()))
        return cls(**known)
