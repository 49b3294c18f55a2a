"""node_exporter: https://github.com/prometheus/node_exporter

CPU as its own dashboards compute it (node-mixin, instance:node_cpu_utilisation:rate5m): all but idle, iowait
and steal. Memory: what is not available to programs. Disks as df: docs/node-mixin and coreutils agree that
what only root may fill counts in neither part.
"""

import re
from typing import Any, Final

from probes.scraping.exposition import Exposition, Labels
from probes.scraping.figures import Disk
from probes.scraping.table import Gauge, Kind, Rate

MAX_DISKS: Final = 16
_IDLE: Final = frozenset({"idle", "iowait", "steal"})
# What carries no bytes of its own, or carries those of a device that is counted anyway.
_VIRTUAL: Final = re.compile(
    r"(lo|veth|docker|br-|virbr|cni|flannel|cali|tunl|tun|tap|wg|ifb|dummy|bond|team|kube|vxlan|nodelocaldns)"
    r".*|.*\..*"
)
_NO_DISK: Final = frozenset(
    {"autofs", "configfs", "devtmpfs", "erofs", "fuse.lxcfs", "iso9660", "nsfs", "overlay", "ramfs", "rootfs"}
    | {"squashfs", "sysfs", "tmpfs", "tracefs"}
    | {"cifs", "fuse.sshfs", "nfs", "nfs4", "smb3"}  # another machine's disk
)
_DISK_METRICS: Final = (
    "node_filesystem_size_bytes",
    "node_filesystem_free_bytes",
    "node_filesystem_avail_bytes",
    "node_filesystem_readonly",
)


def _physical(labels: Labels) -> bool:
    return not _VIRTUAL.fullmatch(labels.get("device", ""))


def _whole_disk(labels: Labels) -> bool:
    """False for devices that stand on others: loops, device mapper, RAID, memory."""
    return not re.match(r"(loop|dm-|md|ram|zram|sr|fd)\d", labels.get("device", ""))


def _idle(labels: Labels) -> bool:
    return labels.get("mode") in _IDLE


def _derive(text: Exposition, figures: dict[str, Any]) -> dict[str, Any]:
    idle, everything = figures.pop("cpu_idle"), figures.pop("cpu_all")
    available = figures.pop("memory_available_bytes")
    if everything and idle is not None:
        figures["cpu_pct"] = 100 * min(1.0, max(0.0, 1 - idle / everything))
    if available is not None and figures["memory_total_bytes"] is not None:
        figures["memory_used_bytes"] = max(0.0, figures["memory_total_bytes"] - available)
    figures["cpus"] = len({labels.get("cpu") for labels, _value in text.of("node_cpu_seconds_total")}) or None
    figures["disks"] = _disks(text)
    return figures


def _disks(text: Exposition) -> tuple[Disk, ...]:
    """Writable local file systems, the fullest first; one mounted several times counts once."""
    size, free, available, read_only = (
        {(labels.get("device", ""), labels.get("mountpoint", "")): value for labels, value in text.of(name)
         if labels.get("fstype") not in _NO_DISK}
        for name in _DISK_METRICS
    )  # fmt: skip
    disks: dict[str, Disk] = {}
    for key in sorted(size, key=lambda key: len(key[1])):
        device, mountpoint = key
        known = key in free and key in available and not read_only.get(key)
        if known and size[key] > 0 and device not in disks:
            disks[device] = Disk(mountpoint[:80], max(0.0, size[key] - free[key]), available[key])
    return tuple(sorted(disks.values(), key=lambda disk: -disk.used_pct)[:MAX_DISKS])


NODE: Final = Kind(
    "node",
    (
        Rate("cpu_idle", ("node_cpu_seconds_total",), where=_idle, by=("cpu",)),
        Rate("cpu_all", ("node_cpu_seconds_total",), by=("cpu",)),
        Gauge("load1", ("node_load1",)),
        Gauge("memory_total_bytes", ("node_memory_MemTotal_bytes",)),
        Gauge("memory_available_bytes", ("node_memory_MemAvailable_bytes",)),
        Rate("disk_read_bytes_per_s", ("node_disk_read_bytes_total",), where=_whole_disk),
        Rate("disk_written_bytes_per_s", ("node_disk_written_bytes_total",), where=_whole_disk),
        Rate("network_in_bytes_per_s", ("node_network_receive_bytes_total",), where=_physical),
        Rate("network_out_bytes_per_s", ("node_network_transmit_bytes_total",), where=_physical),
    ),
    more=_DISK_METRICS,
    derive=_derive,
)
