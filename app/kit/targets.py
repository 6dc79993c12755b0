"""Addresses to which this installation sends because somebody else gave them (webhooks): read strictly, then judged.

Programs read odd addresses differently, which is how requests are led astray (server-side request forgery, CWE-918).
So an address is taken apart once, here, only what has one reading is taken, and what is sent is put together from
the parts. Where a name leads is judged by every network address that it has. Pure.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, quote, urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

URL_LENGTH = 2000
USUAL_PORTS = {"https": 443, "http": 80}
_ODD = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff\\]")
_NAME = re.compile(r"(?=.{1,253}$)(?:(?!-)[a-z0-9_-]{1,63}(?<!-)\.)*(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
_IN_PATH = "/%:@!$&'()*+,;=-._~"
# Addresses of IPv6 that stand for others: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
_STAND_FOR_OTHERS = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
_GLOBAL_V6 = IPv6Network("2000::/3")
# What older Pythons take for public (RFC 6890), and the one cloud's metadata outside of what is private: Azure's.
_NOT_PUBLIC = tuple(map(IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32")))


class TargetError(ValueError):
    """An address that nothing is sent to; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Policy:
    """Where to may be sent. `ports` and `http` hold for all; in the networks `allowed` also what isn't public."""

    http: bool = False
    ports: tuple[range, ...] = (range(443, 444), range(8443, 8444))
    allowed: tuple[Network, ...] = ()
    own_hosts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. `host` is a name as DNS has it or a network address; `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the header `Host` has it."""
        return self.at(self.host)

    def at(self, host: str) -> str:
        """The host's place in an address, with the port where it isn't the usual one."""
        named = f"[{host}]" if ":" in host else host
        return named if self.port == USUAL_PORTS[self.scheme] else f"{named}:{self.port}"

    @property
    def literal(self) -> Address | None:
        """The host, where it is a network address itself."""
        return ip_address(self.host) if ":" in self.host or _ends_in_number(self.host) else None


def read_target(url: str, policy: Policy) -> Target:
    """The parts of an address, as the policy allows it as far as its text tells.

    Raises TargetError: `url_odd`, `url_scheme`, `url_user`, `url_host`, `url_port`.
    """
    if len(url) > URL_LENGTH or _ODD.search(url):
        raise TargetError("url_odd")
    try:
        parts = urlsplit(url)
    except ValueError:
        raise TargetError("url_odd") from None
    if parts.scheme != "https" and not (policy.http and parts.scheme == "http"):
        raise TargetError("url_scheme")
    if "@" in parts.netloc:
        raise TargetError("url_user")
    host = _host(parts)
    path = quote(parts.path or "/", safe=_IN_PATH) + (f"?{quote(parts.query, safe=_IN_PATH + '?')}" * bool(parts.query))
    return Target(parts.scheme, host, _port(parts, policy), path)


def judged(addresses: Sequence[Address], own: Sequence[Address], policy: Policy) -> Sequence[Address]:
    """All addresses of a name, if each may be sent to: one that may not is one too many.

    `own` are those that lead back to this installation. Raises TargetError: `url_unresolved`, `url_private`.
    """
    plain = [_unclothed(each) for each in addresses]
    if not plain:
        raise TargetError("url_unresolved")
    home = {_unclothed(each) for each in own}
    for each in plain:
        if not _allowed(each, policy) and (each in home or not _public(each)):
            raise TargetError("url_private")
    return plain


def networks(text: str) -> tuple[Network, ...]:
    """Networks in CIDR notation with commas between. Raises ValueError."""
    return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())


def port_ranges(text: str) -> tuple[range, ...]:
    """Ports and ranges of ports with commas between: "443, 8000-8999". Raises ValueError."""
    found = []
    for each in filter(None, map(str.strip, text.split(","))):
        first, dash, last = each.partition("-")
        ports = range(int(first), int(last if dash else first) + 1)
        if not ports or ports[0] < 1 or ports[-1] > 65535:  # noqa: PLR2004 - the highest that there is
            raise ValueError(f"{each!r} is no range of ports")
        found.append(ports)
    return tuple(found)


def _host(parts: SplitResult) -> str:
    """Small letters, ASCII, without a dot at its end; digits alone only as four decimal bytes."""
    host = (parts.hostname or "").rstrip(".")
    if "%" in host:  # a zone of this machine's, or something encoded
        raise TargetError("url_host")
    try:
        if ":" in host:
            return str(IPv6Address(host))
        named = host.encode("idna").decode("ascii").lower() if host else ""
        if _ends_in_number(named):
            return str(IPv4Address(named))
    except ValueError:
        raise TargetError("url_host") from None
    if not _NAME.fullmatch(named):
        raise TargetError("url_host")
    return named


def _port(parts: SplitResult, policy: Policy) -> int:
    try:
        port = parts.port if parts.port is not None else USUAL_PORTS[parts.scheme]
    except ValueError:
        raise TargetError("url_port") from None
    usual = policy.http and port == USUAL_PORTS["http"] and parts.scheme == "http"
    if not usual and not any(port in ports for ports in policy.ports):
        raise TargetError("url_port")
    return port


def _ends_in_number(host: str) -> bool:
    """Whether browsers would read it as an address of IPv4 (WHATWG URL, "ends in a number")."""
    return _NUMERIC.fullmatch(host.rpartition(".")[2]) is not None


def _unclothed(address: Address) -> Address:
    """An address of IPv4 in the clothes of IPv6 (``::ffff:10.0.0.1``) is itself."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _allowed(address: Address, policy: Policy) -> bool:
    return any(address in network for network in policy.allowed)


def _public(address: Address) -> bool:
    if address.is_multicast or not address.is_global:
        return False
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    return address in _GLOBAL_V6 and not any(address in network for network in _STAND_FOR_OTHERS)
