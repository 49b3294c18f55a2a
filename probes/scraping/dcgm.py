"""NVIDIA's DCGM exporter: https://github.com/NVIDIA/dcgm-exporter (names: etc/default-counters.csv).

Labels: `gpu` (number), `UUID`, `modelName`, and `GPU_I_ID` for a part of a GPU (MIG). Under Kubernetes a
shared GPU is told once per pod; the values are the GPU's own, so the largest is taken.
"""

from typing import Any, Final

from probes.scraping.exposition import Exposition, Labels
from probes.scraping.figures import Gpu
from probes.scraping.table import Kind

MAX_GPUS: Final = 64
_MIB: Final = 1024.0 * 1024.0

#: Field of Gpu → (metric names, scale, the most that is a figure).
_FIELDS: Final[dict[str, tuple[tuple[str, ...], float, float]]] = {
    "util_pct": (("DCGM_FI_DEV_GPU_UTIL",), 1.0, 100.0),
    "active_pct": (("DCGM_FI_PROF_GR_ENGINE_ACTIVE",), 100.0, 100.0),
    "memory_used_bytes": (("DCGM_FI_DEV_FB_USED",), _MIB, 1e15),
    "memory_free_bytes": (("DCGM_FI_DEV_FB_FREE",), _MIB, 1e15),
    "memory_reserved_bytes": (("DCGM_FI_DEV_FB_RESERVED",), _MIB, 1e15),
    "memory_total_bytes": (("DCGM_FI_DEV_FB_TOTAL",), _MIB, 1e15),
    "temperature_c": (("DCGM_FI_DEV_GPU_TEMP",), 1.0, 200.0),
    "power_w": (("DCGM_FI_DEV_POWER_USAGE",), 1.0, 10_000.0),
    "xid": (("DCGM_FI_DEV_XID_ERRORS",), 1.0, 1_000.0),
}


def _place(labels: Labels) -> tuple[str, str]:
    return labels.get("gpu", ""), labels.get("GPU_I_ID", "")


def _order(place: tuple[str, str]) -> tuple[int, str, str]:
    number, part = place
    return (int(number) if number.isdecimal() and len(number) < 6 else 10**6, number, part)


def _derive(text: Exposition, figures: dict[str, Any]) -> dict[str, Any]:
    told: dict[tuple[str, str], dict[str, float]] = {}
    models: dict[tuple[str, str], str] = {}
    for name, (metrics, scale, most) in _FIELDS.items():
        for labels, raw in text.of(*metrics):
            place, value = _place(labels), raw * scale
            models.setdefault(place, labels.get("modelName", "")[:80])
            if value <= most:  # DCGM writes numbers near 2^31 and 2^63 for "blank"
                fields = told.setdefault(place, {})
                fields[name] = max(value, fields.get(name, 0.0))
    return {
        "gpus": tuple(
            _gpu(place, models[place], told[place]) for place in sorted(told, key=_order)[:MAX_GPUS]
        )
    }


def _gpu(place: tuple[str, str], model: str, told: dict[str, float]) -> Gpu:
    number, part = place
    used, free = told.get("memory_used_bytes"), told.get("memory_free_bytes")
    total = told.get("memory_total_bytes")
    if total is None and used is not None and free is not None:
        total = used + free + told.get("memory_reserved_bytes", 0.0)
    return Gpu(
        name=f"{number}.{part}"[:20] if part else number[:20],
        model=model,
        util_pct=told.get("util_pct", told.get("active_pct")),
        memory_used_bytes=used,
        memory_total_bytes=total,
        temperature_c=told.get("temperature_c"),
        power_w=told.get("power_w"),
        xid=int(told["xid"]) if "xid" in told else None,
    )


DCGM: Final = Kind(
    "dcgm",
    (),
    more=tuple(name for names, _scale, _most in _FIELDS.values() for name in names),
    derive=_derive,
)
