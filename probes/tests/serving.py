"""Servers and samples for tests: plain functions with overrides."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from catalog.models import AIModel, Creator, Endpoint, Provider
from probes.models import Server, ServerSample
from probes.scraping.figures import Disk, Distribution, Figures, Gpu
from probes.tests.factories import NOW

GIB = 1024.0**3
_numbers = count(1)


def make_real_endpoint(model: str = "llama-3.3-70b", **fields: Any) -> Endpoint:
    """A watched endpoint of one's own, without targets."""
    creator, _ = Creator.objects.get_or_create(slug="meta", defaults={"name": "Meta"})
    model_row, _ = AIModel.objects.get_or_create(
        slug=model, defaults={"name": model, "creator": creator, "functions": ["chat"]}
    )
    provider, _ = Provider.objects.get_or_create(slug="own", defaults={"name": "Own servers"})
    values: dict[str, Any] = {
        "provider": provider,
        "model": model_row,
        "provider_model_id": model,
        "protocol": "openai_chat",
        "base_url": "http://127.0.0.1:9/v1",
        "watched": True,
    }
    return Endpoint.objects.create(slug=f"own--{model}", **values | fields)


def make_server(
    kind: str = "vllm", *, figures: Figures | None = None, at: datetime | None = NOW, **fields: Any
) -> Server:
    """A server that told `figures` at `at`; without figures it has not been read yet."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "slug": f"{kind}-{number}",
        "name": f"{kind} {number}",
        "kind": kind,
        "metrics_url": f"http://127.0.0.1:9/{number}/metrics",
    }
    server = Server.objects.create(**values | fields)
    if figures is not None and at is not None:
        ServerSample.objects.create(server=server, at=at, figures=figures.to_json(), counters=None)
        Server.objects.filter(pk=server.pk).update(last_seen_at=at, last_tried_at=at)
        server.refresh_from_db()
    return server


def vllm_figures(**changes: Any) -> Figures:
    """A busy model server."""
    values: dict[str, Any] = {
        "requests_per_min": 120.0,
        "running": 14.0,
        "queue": 3.0,
        "tokens_per_s": 600.0,
        "prompt_tokens_per_s": 2000.0,
        "kv_cache_pct": 43.75,
        "ttft": Distribution(100.0, 500.0, 120),
        "tpot": Distribution(19.0, 41.0, 35880),
        "duration": Distribution(4000.0, 8800.0, 120),
        "rate_window_s": 60.0,
        "quantile_window_s": 300.0,
    }
    return Figures(**values | changes)


def node_figures(**changes: Any) -> Figures:
    """A host of 16 CPUs."""
    values: dict[str, Any] = {
        "cpu_pct": 37.5,
        "cpus": 16,
        "load1": 5.1,
        "memory_used_bytes": 48 * GIB,
        "memory_total_bytes": 128 * GIB,
        "disks": (Disk("/", 60 * GIB, 40 * GIB), Disk("/models", 600 * GIB, 1400 * GIB)),
        "disk_read_bytes_per_s": 1_500_000.0,
        "disk_written_bytes_per_s": 400_000.0,
        "network_in_bytes_per_s": 2_400_000.0,
        "network_out_bytes_per_s": 11_000_000.0,
        "rate_window_s": 60.0,
        "quantile_window_s": 300.0,
    }
    return Figures(**values | changes)


def dcgm_figures(gpus: int = 2, **changes: Any) -> Figures:
    """Busy GPUs of 80 GiB."""
    values: dict[str, Any] = {
        "model": "NVIDIA H100 80GB HBM3",
        "util_pct": 97.0,
        "memory_used_bytes": 72 * GIB,
        "memory_total_bytes": 80 * GIB,
        "temperature_c": 61.0,
        "power_w": 512.0,
        "xid": 0,
    }
    return Figures(gpus=tuple(Gpu(name=str(n), **values | changes) for n in range(gpus)))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
