"""Which IP addresses may be asked on others' behalf. Pure: no network, no Django.

People and imports name addresses: webhooks, status pages, feeds, endpoints, servers. Each kind has a policy;
the operator's FETCH_ALLOWED_NETWORKS is believed beyond it. The tables follow IANA's registries of
special-purpose addresses and not Python's `is_global`, which differs from release to release:
https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


class Policy(StrEnum):
    """What an address may lead to."""

    PUBLIC = "public"  # people's webhooks, feeds and status pages: what is globally routable
    HOSTING = "hosting"  # the catalogue's endpoints, self-hosted servers: private networks and this machine
    OPERATOR = "operator"  # named in the environment (<PROVIDER>_BASE_URL, SIMULATOR_URL): anything


def _table(rows: Mapping[str, str]) -> tuple[tuple[IpNetwork, str], ...]:
    return tuple((ip_network(network), what) for network, what in rows.items())


#: Where clouds hand a machine its own credentials and configuration. Allowed only where named exactly.
_METADATA: Final = {
    # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html; also Google's,
    # Azure's, Oracle's, DigitalOcean's, Hetzner's and OpenStack's
    "169.254.169.254": "a metadata service",
    "fd00:ec2::254": "a metadata service of AWS",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
    "169.254.170.2": "the credentials of AWS containers",
    # https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
    "169.254.170.23": "the credentials of AWS pods",
    "fd00:ec2::23": "the credentials of AWS pods",
    # https://cloud.google.com/compute/docs/metadata/querying-metadata
    "fd20:ce::254": "a metadata service of Google Cloud",
    # https://docs.openstack.org/nova/latest/user/metadata.html
    "fe80::a9fe:a9fe": "a metadata service of OpenStack",
    # https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
    "100.100.100.200": "a metadata service of Alibaba Cloud",
    # https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
    "168.63.129.16": "the platform service of Azure",
    # https://www.scaleway.com/en/docs/instances/how-to/use-cloud-init/
    "fd00:42::42": "a metadata service of Scaleway",
}
_METADATA_ADDRESSES: Final = {ip_address(address): what for address, what in _METADATA.items()}

#: No server of anybody's is there.
_NOBODYS: Final = _table(
    {
        "169.254.0.0/16": "link-local",  # RFC 3927
        "fe80::/10": "link-local",  # RFC 4291
        "0.0.0.0/8": "an unspecified address",  # RFC 791; Linux connects to itself
        "::/128": "an unspecified address",
        "224.0.0.0/4": "a multicast address",
        "ff00::/8": "a multicast address",
        "255.255.255.255/32": "the broadcast address",
    }
)
_NOT_PUBLIC: Final = _table(
    {
        "127.0.0.0/8": "this machine itself",
        "::1/128": "this machine itself",
        "10.0.0.0/8": "in a private network",  # RFC 1918
        "172.16.0.0/12": "in a private network",
        "192.168.0.0/16": "in a private network",
        "fc00::/7": "in a private network",  # RFC 4193
        "100.64.0.0/10": "shared behind a provider's NAT",  # RFC 6598
        "192.0.0.0/24": "reserved for protocols",  # RFC 6890
        "2001::/23": "reserved for protocols",  # RFC 2928; Teredo and ORCHID are in it
        "192.0.2.0/24": "for documentation only",  # RFC 5737
        "198.51.100.0/24": "for documentation only",
        "203.0.113.0/24": "for documentation only",
        "2001:db8::/32": "for documentation only",  # RFC 3849
        "3fff::/20": "for documentation only",  # RFC 9637
        "192.88.99.0/24": "of a 6to4 relay",  # RFC 7526
        "2002::/16": "of a 6to4 network",
        "198.18.0.0/15": "for benchmarks only",  # RFC 2544
        "240.0.0.0/4": "reserved",  # RFC 1112
    }
)
_OURS: Final = ("this machine itself", "in a private network", "link-local")
_INSIDE: Final = tuple(network for network, what in (*_NOT_PUBLIC, *_NOBODYS) if what in _OURS)
_GLOBAL_IPV6: Final = ip_network("2000::/3")  # all else of IPv6 is not assigned to anybody
_NAT64_NAME: Final = "NAT64"

#: IPv6 addresses that carry an IPv4 one: (network, bits to the right of it, whether its bits are inverted).
_CARRIERS: Final[tuple[tuple[IpNetwork, int, bool, str], ...]] = (
    (ip_network("::ffff:0:0/96"), 0, False, "IPv4-mapped"),  # RFC 4291
    (ip_network("::ffff:0:0:0/96"), 0, False, "IPv4-translated"),  # RFC 2765
    (ip_network("::/96"), 0, False, "IPv4-compatible"),  # RFC 4291
    (ip_network("64:ff9b::/96"), 0, False, _NAT64_NAME),  # RFC 6052
    (ip_network("64:ff9b:1::/48"), 0, False, "local NAT64"),  # RFC 8215
    (ip_network("2002::/16"), 80, False, "6to4"),  # RFC 3056
    (ip_network("2001::/32"), 0, True, "Teredo"),  # RFC 4380: the client
    (ip_network("2001::/32"), 64, False, "Teredo"),  # and its server
)
_ISATAP: Final = (0x0000_5EFE, 0x0200_5EFE)  # RFC 5214: the interface's id begins so


def networks(texts: Iterable[str]) -> tuple[IpNetwork, ...]:
    """The networks that `texts` name, an address alone as itself. ValueError names the text that is none."""
    return tuple(ip_network(text.strip()) for text in texts)


def is_address(host: str) -> bool:
    """True for an IP address in any form that `ipaddress` reads."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def why_refused(ip: str, policy: Policy, allowed: Sequence[IpNetwork] = ()) -> str:
    """Why nothing is fetched from this IP address under `policy`; "" = it may be reached.

    allowed: what the operator permits beyond the policy; a metadata service only as itself alone.
    An IPv4 address inside an IPv6 one counts as itself. ValueError: `ip` is no IP address; a zone is ignored.
    """
    return _judged(ip, policy, tuple(allowed))


def is_inside(ip: str) -> bool:
    """True for this machine, private networks and the link: what goes there crosses no public network."""
    address = ip_address(ip.partition("%")[0])
    return any(address in network for network in _INSIDE)


@lru_cache(maxsize=4096)
def is_refused(ip: str) -> bool:
    """True for an IP address that no provider can have: see HOSTING. ValueError: it is none."""
    return bool(_judged(ip, Policy.HOSTING, ()))


def carried(address: IpAddress) -> tuple[tuple[IPv4Address, str], ...]:
    """The IPv4 addresses inside an IPv6 one and by which scheme: Teredo has two, most have none."""
    return tuple(_carried(address)) if isinstance(address, IPv6Address) else ()


@lru_cache(maxsize=4096)
def _judged(ip: str, policy: Policy, allowed: tuple[IpNetwork, ...]) -> str:
    if policy is Policy.OPERATOR:
        return ""
    address = ip_address(ip.partition("%")[0])
    inner = carried(address)
    for face in (address, *(found for found, _scheme in inner)):
        if (what := _METADATA_ADDRESSES.get(face)) and not _named_exactly(address, allowed):
            return _words(address, face, what)
    if any(address in network for network in allowed):
        return ""
    for found, scheme in inner:
        if policy is Policy.PUBLIC and scheme != _NAT64_NAME:
            return f"{address}, which carries {found} in the {scheme} form: no public server has such a one"
        if why := _why_itself(found, policy, allowed):
            return _words(address, found, why)
    if any(scheme == _NAT64_NAME for _found, scheme in inner):
        return ""  # how an IPv6-only network reaches all of IPv4
    return _words(address, address, _why_itself(address, policy, allowed))


def _why_itself(address: IpAddress, policy: Policy, allowed: tuple[IpNetwork, ...]) -> str:
    """The name of the network that is refused, "" = none is."""
    if any(address in network for network in allowed):
        return ""
    for network, what in _NOBODYS if policy is Policy.HOSTING else (*_NOBODYS, *_NOT_PUBLIC):
        if address in network:
            return what
    outside = address.version == 6 and address not in _GLOBAL_IPV6
    return "not assigned to anybody" if outside and policy is Policy.PUBLIC else ""


def _named_exactly(address: IpAddress, allowed: tuple[IpNetwork, ...]) -> bool:
    return any(network.num_addresses == 1 and address in network for network in allowed)


def _words(address: IpAddress, face: IpAddress, what: str) -> str:
    inside = "" if face == address else f" (it carries {face})"
    return f"{address}{inside}, which is {what} and not asked" if what else ""


def _carried(address: IPv6Address) -> Iterator[tuple[IPv4Address, str]]:
    number = int(address)
    if number <= 1:  # unspecified and loopback, not IPv4-compatible ones
        return
    for network, shift, inverted, scheme in _CARRIERS:
        if address in network:
            bits = number >> shift & 0xFFFF_FFFF
            yield IPv4Address(bits ^ 0xFFFF_FFFF if inverted else bits), scheme
    if number >> 32 & 0xFFFF_FFFF in _ISATAP:
        yield IPv4Address(number & 0xFFFF_FFFF), "ISATAP"
