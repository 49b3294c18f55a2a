"""On what the figures were taken: machine and versions, as lines for the report."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path


def describe(scheduling: str, libcurl: str) -> list[str]:
    """scheduling: what the scripted server got from the kernel. libcurl: what pycurl says of itself."""
    cores = os.cpu_count() or 1
    return [
        f"{processor()}, {cores} cores, Linux {platform.release()}",
        f"Python {platform.python_version()}; {libcurl.split(' zlib')[0]}; "
        f"aiohttp {version('aiohttp')}; httpx {version('httpx')}; {_said('curl', '--version')}; "
        f"{_said('prometheus-blackbox-exporter', '--version')}",
        f"load at the start: {os.getloadavg()[0]:.2f}; the server runs {scheduling}",
    ]


def processor() -> str:
    """The processor's name as the kernel has it."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _said(*command: str) -> str:
    """The program's name and version from the first line it says."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    first = (done.stdout or done.stderr or "?").splitlines()[0]
    found = re.match(r"(\w+),? (?:version )?([\d.]+)", first)
    return f"{found[1]} {found[2]}" if found else f"{command[0]}: {first}"
