"""Where a probe goes, and how far it is believed. Pure: no network, no Django.

The catalogue's addresses are data: people edit them and imports bring them. So a key does not leave this
machine over plain http, and an address inside the hosting network (`aigo.lib.networks`: link-local, metadata
services) is not asked at all. An operator who means such an address says so in the environment:
`<PROVIDER>_BASE_URL` is believed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from aigo.lib.networks import Policy
from probes.attempts import ProbeSpec

SIMULATOR_SCHEME: Final = "simulator:/"
DEFAULT_SIMULATOR_URL: Final = "http://127.0.0.1:8001"
#: Only a variable of such a name gives an address.
VARIABLE_SUFFIX: Final = "_BASE_URL"


class Source(StrEnum):
    """Who says that an endpoint is at an address."""

    VARIABLE = "variable"  # the operator, by *_BASE_URL
    SIMULATOR = "simulator"  # the operator, by SIMULATOR_URL or its default
    CATALOGUE = "catalogue"  # an import or an edit

    @property
    def policy(self) -> Policy:
        """What an address from there may lead to."""
        return Policy.HOSTING if self is Source.CATALOGUE else Policy.OPERATOR


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL and where it comes from."""

    base_url: str
    source: Source


def resolve_address(spec: ProbeSpec, environ: Mapping[str, str]) -> Address:
    """The address to ask: the operator's override, the simulator for `simulator:`, or the documented one."""
    if spec.base_url_env.endswith(VARIABLE_SUFFIX):
        override = environ.get(spec.base_url_env, "").strip()
        if override:
            return Address(override, Source.VARIABLE)
    if spec.base_url.startswith(SIMULATOR_SCHEME):
        root = (environ.get("SIMULATOR_URL") or DEFAULT_SIMULATOR_URL).rstrip("/")
        path = spec.base_url.removeprefix(SIMULATOR_SCHEME)
        return Address(f"{root}/{spec.region}/{path}", Source.SIMULATOR)
    return Address(spec.base_url, Source.CATALOGUE)


def resolve_base_url(spec: ProbeSpec, environ: Mapping[str, str]) -> str:
    """The URL alone of `resolve_address`."""
    return resolve_address(spec, environ).base_url


def resolve_page(url: str, environ: Mapping[str, str]) -> Address:
    """Where an official status page is: the simulator for `simulator:`, else where the catalogue says."""
    if url.startswith(SIMULATOR_SCHEME):
        root = (environ.get("SIMULATOR_URL") or DEFAULT_SIMULATOR_URL).rstrip("/")
        return Address(f"{root}/{url.removeprefix(SIMULATOR_SCHEME)}", Source.SIMULATOR)
    return Address(url, Source.CATALOGUE)


def keeps_key_private(url: str) -> bool:
    """True for https, and for http that does not leave this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme == "https" or is_this_machine(host)


@lru_cache(maxsize=4096)
def is_this_machine(host: str) -> bool:
    """True for a host name or an address that names this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
