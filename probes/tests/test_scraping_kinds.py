"""From each kind's text to its figures, by the names of newer and of older versions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from probes.models import Server
from probes.scraping.figures import Figures
from probes.scraping.kinds import KINDS, digest
from probes.scraping.problems import Problem, ScrapeError
from probes.scraping.windows import Reading

EXPOSED = Path(__file__).parent / "exposed"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(seconds=60)
GIB = 1024.0**3


def exposed(name: str) -> bytes:
    return (EXPOSED / f"{name}.txt").read_bytes()


def read_twice(kind: str, first: bytes, second: bytes, *, after: timedelta = MINUTE) -> Figures:
    _figures, reading = digest(kind, first, at=NOW, earlier=[])
    return digest(kind, second, at=NOW + after, earlier=[reading])[0]


def test_every_kind_a_server_can_have_has_a_table():
    assert set(KINDS) == set(Server.Kind.values)


@pytest.mark.parametrize("name", ["vllm", "vllm_older"])
def test_vllm_tells_requests_queue_tokens_cache_and_latencies_by_newer_and_older_names(name: str):
    told = read_twice("vllm", exposed(name), exposed(f"{name}_a_minute_later"))
    assert (told.requests_per_min, told.running, told.queue) == (120.0, 14.0, 3.0)
    assert (told.tokens_per_s, told.prompt_tokens_per_s) == (600.0, 2000.0)
    assert told.kv_cache_pct == 43.75
    # 60 of 120 within 80 to 100 ms, 114 within 500 ms.
    assert told.ttft.p50_ms == pytest.approx(100)
    assert told.ttft.p95_ms == pytest.approx(500)
    assert told.ttft.samples == 120
    assert told.tpot.p50_ms == pytest.approx(10 + 15 * 17940 / 30000)
    assert told.duration.p50_ms == pytest.approx(2500 + 2500 * 60 / 100)
    assert (told.rate_window_s, told.quantile_window_s) == (60.0, 60.0)


def test_vllm_without_a_counter_of_requests_is_counted_by_its_durations():
    def old(text: bytes) -> bytes:
        return b"\n".join(line for line in text.split(b"\n") if b"request_success" not in line)

    told = read_twice("vllm", old(exposed("vllm")), old(exposed("vllm_a_minute_later")))
    assert told.requests_per_min == 120.0


def test_llama_cpp_counts_no_requests_and_that_is_not_told_as_none():
    told = read_twice("llamacpp", exposed("llamacpp"), exposed("llamacpp_a_minute_later"))
    assert (told.running, told.queue, told.tokens_per_s, told.prompt_tokens_per_s) == (2.0, 1.0, 20.0, 40.0)
    assert (told.requests_per_min, told.ttft, told.kv_cache_pct) == (None, None, None)
    older = exposed("llamacpp") + b"llamacpp:kv_cache_usage_ratio 0.25\n"
    assert digest("llamacpp", older, at=NOW, earlier=[])[0].kv_cache_pct == 25.0


def test_tgi_tells_whole_answers_but_no_first_token():
    told = read_twice("tgi", exposed("tgi"), exposed("tgi_a_minute_later"))
    assert (told.requests_per_min, told.running, told.queue) == (30.0, 8.0, 4.0)
    assert (told.tokens_per_s, told.prompt_tokens_per_s) == (50.0, 100.0)
    assert told.duration.p50_ms == pytest.approx(1000 + 1000 * 15 / 20)
    assert told.ttft is None


def test_dcgm_tells_every_gpu_with_its_memory_heat_power_and_last_error():
    told, reading = digest("dcgm", exposed("dcgm"), at=NOW, earlier=[])
    first, second = told.gpus
    assert (first.name, first.model) == ("0", "NVIDIA H100 80GB HBM3")
    assert (first.util_pct, first.temperature_c, first.power_w, first.xid) == (97.0, 61.0, 512.25, 0)
    assert first.memory_used_bytes == pytest.approx(73000 / 1024 * GIB)
    assert first.memory_total_bytes == pytest.approx(81559 / 1024 * GIB)
    assert second.xid == 79
    assert reading.counters == {}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('DCGM_FI_PROF_GR_ENGINE_ACTIVE{gpu="0"} 0.5', {"util_pct": 50.0}),
        ('DCGM_FI_DEV_GPU_UTIL{gpu="0"} 2147483632', None),
        ('DCGM_FI_DEV_FB_USED{gpu="0"} 1\nDCGM_FI_DEV_FB_TOTAL{gpu="0"} 4', {"memory_pct": 25.0}),
        ('DCGM_FI_DEV_FB_USED{gpu="0"} 1', {"memory_pct": None, "memory_total_bytes": None}),
        ('DCGM_FI_DEV_GPU_UTIL{gpu="1",GPU_I_ID="3"} 7', {"name": "1.3"}),
        ('DCGM_FI_DEV_GPU_UTIL{gpu="0",pod="a"} 7\nDCGM_FI_DEV_GPU_UTIL{gpu="0",pod="b"} 7', {"util_pct": 7}),
    ],
)
def test_a_gpu_tells_what_it_can_and_a_blank_is_no_figure(lines: str, expected: dict[str, Any] | None):
    gpus = digest("dcgm", lines.encode(), at=NOW, earlier=[])[0].gpus
    assert len(gpus) == (expected is not None)
    for name, value in (expected or {}).items():
        assert getattr(gpus[0], name) == value


def test_gpus_stand_in_the_order_of_their_numbers():
    text = "".join(f'DCGM_FI_DEV_GPU_UTIL{{gpu="{n}"}} 1\n' for n in (10, 2, 0))
    assert [gpu.name for gpu in digest("dcgm", text.encode(), at=NOW, earlier=[])[0].gpus] == ["0", "2", "10"]


def test_a_node_tells_cpu_memory_disk_and_network_of_a_recorded_text():
    first = exposed("node")
    second = (
        first.replace(b'mode="user"} 2475.89', b'mode="user"} 2490.89')  # 15 s busy
        .replace(b'mode="idle"} 9121.33', b'mode="idle"} 9166.33')  # 45 s idle
        .replace(b'mode="idle"} 7546.93', b'mode="idle"} 7606.93')  # 60 s idle
        .replace(b"4.580867225e+09", b"4.580927225e+09")  # 60,000 bytes more
    )
    told = read_twice("node", first, second)
    assert told.cpus == 2
    assert told.cpu_pct == pytest.approx(12.5)
    assert (told.memory_total_bytes, told.memory_used_bytes) == (25276502016.0, 472498176.0)
    assert told.network_in_bytes_per_s == 1000.0
    assert told.disk_written_bytes_per_s == 0.0
    (disk,) = told.disks
    assert (disk.mountpoint, round(disk.used_pct, 1)) == ("/", 24.2)


def test_a_nodes_first_reading_has_no_rates_but_all_that_stands_in_one():
    told, _reading = digest("node", exposed("node"), at=NOW, earlier=[])
    assert (told.cpu_pct, told.network_in_bytes_per_s, told.rate_window_s) == (None, None, None)
    assert told.memory_pct == pytest.approx(1.87, abs=0.01)


def filesystem(device: str, mountpoint: str, *, fstype: str = "ext4", read_only: int = 0) -> str:
    labels = f'{{device="{device}",fstype="{fstype}",mountpoint="{mountpoint}"}}'
    return (
        f"node_filesystem_size_bytes{labels} 100\nnode_filesystem_free_bytes{labels} 60\n"
        f"node_filesystem_avail_bytes{labels} 50\nnode_filesystem_readonly{labels} {read_only}\n"
    )


def test_only_writable_local_file_systems_are_disks_and_each_device_once():
    text = (
        filesystem("/dev/sda1", "/")
        + filesystem("/dev/sda1", "/var/lib/docker/bind")
        + filesystem("tmpfs", "/run", fstype="tmpfs")
        + filesystem("nas:/x", "/mnt", fstype="nfs4")
        + filesystem("/dev/sr0", "/cdrom", read_only=1)
    )
    (disk,) = digest("node", text.encode(), at=NOW, earlier=[])[0].disks
    assert (disk.mountpoint, disk.used_bytes, disk.available_bytes) == ("/", 40.0, 50.0)


def test_bytes_that_a_bridge_a_bond_or_the_loopback_carries_are_not_counted_twice():
    def text(value: int) -> bytes:
        devices = ("eth0", "enp3s0", "lo", "docker0", "veth12ab", "br-77", "bond0", "eth0.100", "wg0")
        return "".join(
            f'node_network_receive_bytes_total{{device="{name}"}} {value}\n' for name in devices
        ).encode()

    assert read_twice("node", text(0), text(600)).network_in_bytes_per_s == 20.0


def test_a_text_of_another_kind_is_named_as_such():
    with pytest.raises(ScrapeError) as caught:
        digest("vllm", exposed("node"), at=NOW, earlier=[])
    assert caught.value.problem is Problem.WRONG_KIND


def test_figures_survive_their_json_form():
    told = read_twice("vllm", exposed("vllm"), exposed("vllm_a_minute_later"))
    gpus, _reading = digest("dcgm", exposed("dcgm"), at=NOW, earlier=[])
    node, _reading = digest("node", exposed("node"), at=NOW, earlier=[])
    for figures in (told, gpus, node):
        assert Figures.from_json(figures.to_json()) == figures
    assert Figures.from_json({"of_a_later_version": 1}) == Figures()


def test_a_reading_kept_as_json_is_as_good_as_a_fresh_one():
    import json

    _figures, reading = digest("vllm", exposed("vllm"), at=NOW, earlier=[])
    kept = Reading(NOW, json.loads(json.dumps(reading.counters)))
    told = digest("vllm", exposed("vllm_a_minute_later"), at=NOW + MINUTE, earlier=[kept])[0]
    assert told == read_twice("vllm", exposed("vllm"), exposed("vllm_a_minute_later"))
