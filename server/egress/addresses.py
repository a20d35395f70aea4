"""Which addresses are of the open Internet, and which lead inside whatever they look like."""

import ipaddress
from typing import TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Range: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

#: Ranges that Python calls global, or some Pythons do, and that lead back inside all the same.
_INSIDE: tuple[Range, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
    )
)
#: All that IPv6 gives to the open Internet; elsewhere an IPv4 address may hide in many ways.
_UNICAST = ipaddress.IPv6Network("2000::/3")


def plain(address: Address) -> Address:
    """The IPv4 address hidden in an IPv6 one, else the address itself."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def is_public(text: str) -> bool:
    """Whether an address is one of the open Internet."""
    address = plain(ipaddress.ip_address(text.partition("%")[0]))
    if not address.is_global:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
        return False
    return not any(address.version == inside.version and address in inside for inside in _INSIDE)
