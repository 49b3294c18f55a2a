"""What is written like an address and what is not; which IP addresses may be asked. No network, no clock."""

import socket
from itertools import product

import pytest
from django.core.exceptions import ValidationError

from aigo.env import EnvError
from aigo.env import networks as env_networks
from aigo.lib.addresses import BadAddress, FetchError, ForbiddenAddress, Form, check_url
from aigo.lib.networks import Policy, is_refused, networks, why_refused
from aigo.lib.validators import validate_address

NAT64 = "64:ff9b::"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTPS://Hooks.Example.COM:8443/A?b=C#d", "https://hooks.example.com:8443/A?b=C"),
        ("http://my_server:9100/metrics", "http://my_server:9100/metrics"),
        ("http://1.1.1.1/", "http://1.1.1.1/"),
        ("http://[2606:4700:0000::1111]:80/", "http://[2606:4700::1111]:80/"),
        ("https://한국.kr/경로?질의=1", "https://xn--3e0b707e.kr/%EA%B2%BD%EB%A1%9C?%EC%A7%88%EC%9D%98=1"),
        ("https://Bücher.de/", "https://xn--bcher-kva.de/"),
        ("https://example.com/a%2Fb%20c?q=%25", "https://example.com/a%2Fb%20c?q=%25"),
        ("https://example.com//double//slash", "https://example.com//double//slash"),
        ('https://example.com/"<{|}>', "https://example.com/%22%3C%7B%7C%7D%3E"),
        ("https://1password.com/", "https://1password.com/"),
        ("https://3.com.1a/", "https://3.com.1a/"),
    ],
)
def test_a_plain_address_is_read_in_one_way(written: str, read: str) -> None:
    assert check_url(written).geturl() == read
    assert check_url(read).geturl() == read


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",  # 127.0.0.1 as one number
        "017700000001",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7F.1",
        "127.1",
        "127.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "127.0.0.1..",
        "1.2.3.4.5",
        "256.1.1.1",
        "example.127",
        "example.0x7f",
        "0x",
        "0",
        "[::ffff:8.8.8.8]",
        "[::ffff:7f00:1]",
        "[::ffff:0:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::1]",
        "[2001:0:7f00:1::1]",
        "[2606:4700::5efe:7f00:1]",
        "[fe80::1%eth0]",
        "[fe80::1%25eth0]",
        "[::1%1]",
    ],
)
def test_an_ip_address_in_disguise_is_refused(host: str) -> None:
    with pytest.raises(ForbiddenAddress):
        check_url(f"http://{host}/")
    with pytest.raises(ForbiddenAddress):
        check_url(f"https://{host}:8080/latest/meta-data")


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("", Form.SCHEME),
        ("nonsense", Form.SCHEME),
        ("//example.com/", Form.SCHEME),
        ("ftp://example.com/", Form.SCHEME),
        ("file:///etc/passwd", Form.SCHEME),
        ("gopher://127.0.0.1:6379/_FLUSHALL", Form.SCHEME),
        ("javascript:alert(1)", Form.SCHEME),
        ("http+unix://%2Frun%2Fdocker.sock/", Form.SCHEME),
        ("ftp://user:s3cret@example.com/", Form.SCHEME),
        ("http://user:s3cret@exam℀ple.com/", Form.HOST),
        ("http://user:s3cret@[::1/", Form.HOST),
        ("http:example.com", Form.HOST),
        ("http://", Form.HOST),
        ("http:///path", Form.HOST),
        ("http://:80/", Form.HOST),
        ("http://?x", Form.HOST),
        ("http://.", Form.HOST),
        ("http://example.com./", Form.HOST),
        ("http://a..b/", Form.HOST),
        ("http://.example.com/", Form.HOST),
        ("http://-a.example.com/", Form.HOST),
        (f"http://{'a' * 64}.com/", Form.HOST),
        (f"http://{'a.' * 127}com/", Form.HOST),
        ("http://127%2e0%2e0%2e1/", Form.HOST),
        ("http://ex%61mple.com/", Form.HOST),
        ("http://exa,mple.com/", Form.HOST),
        ("http://[::1/", Form.HOST),
        ("http://::1/", Form.HOST),
        ("http://[::1]x/", Form.HOST),
        ("http://[v1.fe80]/", Form.HOST),
        ("http://[1.2.3.4]/", Form.HOST),
        ("http://１２７.0.0.1/", Form.HOST),  # fullwidth digits
        ("http://①②⑦.⓪.⓪.①/", Form.HOST),
        ("http://127。0。0。1/", Form.HOST),  # an ideographic full stop is a dot to IDNA
        ("http://127．0．0．1/", Form.HOST),
        ("http://127｡0.0.1/", Form.HOST),
        ("http://١٢٧.٠.٠.١/", Form.HOST),  # Arabic-Indic digits
        ("http://１６９.254.169.254/", Form.HOST),
        ("http://ⓔxample.com/", Form.HOST),
        ("http://exam℀ple.com/", Form.HOST),  # ℀ is "a/c" after normalisation
        ("http://user@example.com/", Form.USER),
        ("http://user:s3cret@example.com/", Form.USER),
        ("http://@example.com/", Form.USER),
        ("http://example.com@127.0.0.1/", Form.USER),
        ("http://s3cret@127.0.0.1:80@example.com/", Form.USER),
        ("http://example.com:0/", Form.PORT),
        ("http://example.com:/", Form.PORT),
        ("http://example.com:65536/", Form.PORT),
        ("http://example.com:80:80/", Form.PORT),
        ("http://example.com:+80/", Form.PORT),
        ("http://example.com:8_0/", Form.PORT),
        ("http://example.com:８０/", Form.PORT),
        ("http://example.com:000080/", Form.PORT),
        (" http://example.com/", Form.CHARACTERS),
        ("http://example.com/\r\nHost: inside", Form.CHARACTERS),
        ("http://exam\tple.com/", Form.CHARACTERS),
        ("http://example.com\x00.inside/", Form.CHARACTERS),
        ("http://example.com/a b", Form.CHARACTERS),
        ("http://example.com\\@127.0.0.1/", Form.CHARACTERS),
        ("http:\\\\127.0.0.1/", Form.CHARACTERS),
        ("http://exam\u200bple.com/", Form.CHARACTERS),  # zero width
        ("http://exam\u00adple.com/", Form.CHARACTERS),  # soft hyphen
        ("http://example.com/\u202emoc", Form.CHARACTERS),  # right to left
        ("http://example.com/\ud800", Form.CHARACTERS),
        ("http://example.com/\x7f", Form.CHARACTERS),
        ("http://example.com/\u00a0", Form.CHARACTERS),
        ("http://example.com/" + "a" * 2_000, Form.LONG),
    ],
)
def test_what_parsers_may_read_differently_is_not_read(url: str, form: Form) -> None:
    with pytest.raises(BadAddress) as refused:
        check_url(url)
    assert refused.value.form is form
    assert "s3cret" not in str(refused.value)


def test_what_a_c_library_reads_as_an_ip_address_is_one_or_refused() -> None:
    """inet_aton reads all forms there ever were: a host that passed is plain to it, or a name."""
    labels = ["0", "127", "010", "0x1", "0X7F", "256", "65536", "a", "1x"]
    for parts in range(1, 5):
        for written in product(labels, repeat=parts):
            host = ".".join(written)
            try:
                read = check_url(f"http://{host}/").hostname or ""
                packed = socket.inet_aton(read)
            except (FetchError, OSError):
                continue
            assert socket.inet_ntoa(packed) == read == host


PUBLIC = ["1.1.1.1", "8.8.8.8", "192.0.1.1", "172.32.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1"]
INSIDE = {
    "127.0.0.1": "this machine",
    "127.255.255.254": "this machine",
    "::1": "this machine",
    "10.0.0.8": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "fc00::1": "private",
    "fd12:3456::1": "private",
    "100.64.0.1": "NAT",
}
NOBODYS = {
    "0.0.0.0": "unspecified",
    "0.1.2.3": "unspecified",
    "::": "unspecified",
    "169.254.0.1": "link-local",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local",
    "224.0.0.1": "multicast",
    "239.255.255.255": "multicast",
    "ff02::1": "multicast",
    "255.255.255.255": "broadcast",
}
SPECIAL = [
    *["192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "240.0.0.1"],
    *[
        "2001:db8::1",
        "2001:2::1",
        "2001:10::1",
        "3fff::1",
        "2002:808:808::1",
        "2001::1",
        "5f00::1",
        "fec0::1",
    ],
    *["100::1", "4000::1", "64:ff9b:1::808:808", "::ffff:8.8.8.8", "::8.8.8.8", "2606:4700::5efe:808:808"],
]
METADATA = [
    *["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"],
    *["fe80::a9fe:a9fe", "100.100.100.200", "168.63.129.16", "fd00:42::42"],
]
#: 169.254.169.254 as an IPv6-only machine would reach it.
CARRYING = [
    *["::ffff:169.254.169.254", "::ffff:0:a9fe:a9fe", "::a9fe:a9fe", "64:ff9b::a9fe:a9fe"],
    *["64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1", "2001:0:102:304::5601:5601"],
    *["2606:4700::5efe:a9fe:a9fe", "2606:4700::200:5efe:a9fe:a9fe"],
]


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_may_be_asked_under_every_policy(ip: str) -> None:
    assert [why_refused(ip, policy) for policy in Policy] == ["", "", ""]
    assert not is_refused(ip)


@pytest.mark.parametrize(("ip", "why"), INSIDE.items())
def test_what_is_inside_is_for_servers_of_ours_only(ip: str, why: str) -> None:
    assert why in why_refused(ip, Policy.PUBLIC)
    assert why_refused(ip, Policy.HOSTING) == ""
    assert why_refused(ip, Policy.PUBLIC, networks([ip])) == ""


@pytest.mark.parametrize(("ip", "why"), NOBODYS.items())
def test_where_no_server_is_nobody_is_asked(ip: str, why: str) -> None:
    assert why in why_refused(ip, Policy.PUBLIC)
    assert why in why_refused(ip, Policy.HOSTING)
    assert is_refused(ip)


@pytest.mark.parametrize("ip", SPECIAL)
def test_addresses_of_no_public_server_are_not_public(ip: str) -> None:
    assert why_refused(ip, Policy.PUBLIC)


@pytest.mark.parametrize("ip", METADATA)
def test_a_metadata_service_is_asked_only_where_it_is_named_itself(ip: str) -> None:
    around = networks(["0.0.0.0/0", "::/0", "169.254.0.0/16", "fd00::/8"])
    for policy in (Policy.PUBLIC, Policy.HOSTING):
        assert why_refused(ip, policy)
        assert why_refused(ip, policy, around)
        assert why_refused(ip, policy, networks([ip])) == ""
    assert why_refused(ip, Policy.OPERATOR) == ""


@pytest.mark.parametrize("ip", CARRYING)
def test_an_ipv4_address_inside_an_ipv6_one_counts_as_itself(ip: str) -> None:
    for policy in (Policy.PUBLIC, Policy.HOSTING):
        assert why_refused(ip, policy)
        assert why_refused(ip, policy, networks(["::/0"]))
    assert is_refused(ip)


def test_a_machine_without_ipv4_reaches_the_public_internet_and_not_its_own() -> None:
    assert why_refused(f"{NAT64}8.8.8.8", Policy.PUBLIC) == ""
    assert "private" in why_refused(f"{NAT64}10.0.0.1", Policy.PUBLIC)
    assert why_refused(f"{NAT64}10.0.0.1", Policy.PUBLIC, networks(["10.0.0.0/8"])) == ""
    assert "this machine" in why_refused(f"{NAT64}127.0.0.1", Policy.PUBLIC)


def test_what_the_operator_allows_is_that_network_and_no_more() -> None:
    allowed = networks(["10.20.0.0/16", "fd12::/64"])
    assert why_refused("10.20.255.255", Policy.PUBLIC, allowed) == ""
    assert why_refused("10.21.0.0", Policy.PUBLIC, allowed)
    assert why_refused("fd12::1", Policy.PUBLIC, allowed) == ""
    assert why_refused("fd12:0:0:1::1", Policy.PUBLIC, allowed)
    assert why_refused("127.0.0.1", Policy.PUBLIC, allowed)


def test_the_operators_networks_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env_networks("FETCH_ALLOWED_NETWORKS") == ()
    monkeypatch.setenv("FETCH_ALLOWED_NETWORKS", "10.20.0.0/16, 127.0.0.1,fd12::/64")
    assert [str(network) for network in env_networks("FETCH_ALLOWED_NETWORKS")] == [
        *["10.20.0.0/16", "127.0.0.1/32", "fd12::/64"]
    ]
    for wrong in ("10.20.0.1/16", "localhost", "10.0.0.0/33", "127.1"):
        monkeypatch.setenv("FETCH_ALLOWED_NETWORKS", f"10.20.0.0/16,{wrong}")
        with pytest.raises(EnvError, match=f"FETCH_ALLOWED_NETWORKS: '{wrong}' is no network"):
            env_networks("FETCH_ALLOWED_NETWORKS")


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("http://10.0.0.1/hook", "not_public", "10.0.0.1 is not a public address"),
        ("http://[::1]/", "not_public", "FETCH_ALLOWED_NETWORKS"),
        ("http://localhost:8000/", "not_public", "localhost"),
        ("http://app.localhost/", "not_public", "app.localhost"),
        ("http://127.1/", "disguised", "four decimal numbers"),
        ("https://u:p@example.com/", "user", "Leave the user name"),
        ("ftp://example.com/", "scheme", "https://example.com/path"),
        ("https://example.com/" + "a" * 2_000, "long", "2000 characters"),
    ],
)
def test_a_form_says_what_is_wrong_with_an_address(url: str, code: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_address(url)
    assert refused.value.code == code
    assert said in refused.value.messages[0]


def test_a_form_accepts_what_may_be_asked(settings) -> None:
    validate_address("https://hooks.example.com/x")
    settings.FETCH_ALLOWED_NETWORKS = networks(["127.0.0.0/8"])
    validate_address("http://127.0.0.1:9000/hook")
    validate_address("http://localhost:9000/hook")


def test_every_refusal_is_a_fetch_error() -> None:
    assert issubclass(BadAddress, FetchError)
    assert issubclass(ForbiddenAddress, FetchError)
