"""Addresses that somebody else gave: each has one reading, or is refused; and none leads where nothing may be sent."""

from ipaddress import ip_address

import pytest

from app.kit.targets import Policy, TargetError, judged, networks, port_ranges, read_target

LENIENT = Policy(http=True, ports=port_ranges("1-65535"))


def refused(url: str, policy: Policy = LENIENT) -> str:
    with pytest.raises(TargetError) as caught:
        read_target(url, policy)
    return caught.value.code


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://hooks.example.com", ("https", "hooks.example.com", 443, "/")),
        ("HTTPS://Hooks.Example.COM./a?b=c#d", ("https", "hooks.example.com", 443, "/a?b=c")),
        ("https://例子.中国/钩子?单位=芜湖", ("https", "xn--fsqu00a.xn--fiqs8s", 443, None)),
        ("https://93.184.216.34:8443/x", ("https", "93.184.216.34", 8443, "/x")),
        ("https://[2606:2800:220:1::1]/x", ("https", "2606:2800:220:1::1", 443, "/x")),
        ("http://intranet/x%2Fy", ("http", "intranet", 80, "/x%2Fy")),
    ],
)
def test_an_address_is_taken_apart(url: str, parts: tuple[str, str, int, str | None]):
    target = read_target(url, LENIENT)
    assert (target.scheme, target.host, target.port) == parts[:3]
    assert target.path == parts[3] or (parts[3] is None and target.path.isascii())


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("ftp://example.com/", "url_scheme"),
        ("file:///etc/passwd", "url_scheme"),
        ("gopher://example.com/", "url_scheme"),
        ("//example.com/", "url_scheme"),
        ("example.com", "url_scheme"),
        ("https://user@example.com/", "url_user"),
        ("https://user:word@example.com/", "url_user"),
        ("https://example.com@127.0.0.1/", "url_user"),
        ("https://127.0.0.1\\@example.com/", "url_odd"),
        ("https://example.com\\.evil.com/", "url_odd"),
        ("https://exam\tple.com/", "url_odd"),
        ("https://example.com/\r\nHost: other", "url_odd"),
        (" https://example.com/", "url_odd"),
        ("https://example.com/" + "a" * 2000, "url_odd"),
        ("https://[::1/", "url_odd"),
        ("https:///x", "url_host"),
        ("https://./", "url_host"),
        ("https://a..b/", "url_host"),
        ("https://%31%32%37.0.0.1/", "url_host"),
        ("https://127.0.0.1%00.example.com/", "url_host"),
        ("https://[fe80::1%25eth0]/", "url_host"),
        # 127.0.0.1 in the ways in which C libraries and browsers read it, and others not.
        ("https://2130706433/", "url_host"),
        ("https://0x7f000001/", "url_host"),
        ("https://017700000001/", "url_host"),
        ("https://0177.0.0.1/", "url_host"),
        ("https://127.1/", "url_host"),
        ("https://0x7f.1/", "url_host"),
        ("https://127.0.0.1.1/", "url_host"),
        ("https://example.1/", "url_host"),
        ("https://example.com:0/", "url_port"),
        ("https://example.com:99999/", "url_port"),
        ("https://example.com:-1/", "url_port"),
        ("https://example.com:８０/", "url_port"),
        ("https://example.com:x/", "url_port"),
    ],
)
def test_what_has_two_readings_is_refused(url: str, code: str):
    assert refused(url) == code


@pytest.mark.parametrize("url", ["https://①②⑦.⓪.⓪.①/", "https://１２７.０.０.１/", "https://127。0。0。1/"])
def test_digits_in_other_clothes_are_the_address_that_they_mean_or_refused(url: str):
    try:
        read = str(read_target(url, LENIENT).literal)
    except TargetError as error:
        read = error.code
    assert read in {"127.0.0.1", "url_host", "url_odd"}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "url_scheme"),
        ("https://example.com:22/", "url_port"),
        ("https://example.com:6379/", "url_port"),
        ("https://example.com:80/", "url_port"),
    ],
)
def test_usually_only_https_by_its_own_ports(url: str, code: str):
    assert refused(url, Policy()) == code
    assert read_target("https://example.com:8443/", Policy()).authority == "example.com:8443"


PRIVATE = [
    *("127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
    *("100.100.100.200", "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.250", "233.252.0.1"),  # noqa: S104 - not bound to
    *("240.0.0.1", "255.255.255.255", "192.0.0.192", "192.0.2.1", "198.18.0.1", "168.63.129.16"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:7f00:1"),
    *("fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1", "2001:db8::1", "100::1"),
    *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:1:2::1", "4000::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_is_sent_to_what_is_not_public(address: str):
    with pytest.raises(TargetError) as caught:
        judged([ip_address(address)], [], LENIENT)
    assert caught.value.code == "url_private"


@pytest.mark.parametrize("address", ["93.184.216.34", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"])
def test_what_is_public_may_be_sent_to(address: str):
    assert len(judged([ip_address(address)], [], Policy())) == 1


def test_one_address_that_may_not_is_one_too_many():
    mixed = [ip_address("93.184.216.34"), ip_address("10.0.0.1")]
    with pytest.raises(TargetError):
        judged(mixed, [], Policy())


def test_a_name_without_addresses_leads_nowhere():
    with pytest.raises(TargetError) as caught:
        judged([], [], Policy())
    assert caught.value.code == "url_unresolved"


def test_not_to_this_installation_itself_although_it_is_public():
    own = ip_address("::ffff:93.184.216.34")
    with pytest.raises(TargetError) as caught:
        judged([ip_address("93.184.216.34")], [own], Policy())
    assert caught.value.code == "url_private"


def test_the_operator_may_allow_networks_and_only_these():
    policy = Policy(allowed=networks("10.20.0.0/16, fd00:1::/32, 127.0.0.1"))
    for address in ("10.20.3.4", "::ffff:10.20.3.4", "fd00:1::9", "127.0.0.1"):
        assert judged([ip_address(address)], [ip_address(address)], policy)
    for address in ("10.21.0.1", "127.0.0.2", "::1", "169.254.169.254"):
        with pytest.raises(TargetError):
            judged([ip_address(address)], [], policy)


@pytest.mark.parametrize("text", ["0", "443-80", "70000", "x", "443-", "1-65536"])
def test_ports_that_are_none_are_refused(text: str):
    with pytest.raises(ValueError, match=r"range of ports|invalid literal"):
        port_ranges(text)
