"""Single values of a scenario: each parser takes the text and raises ValueError with a sentence."""

from lvstop.config.nodes import choose
from lvstop.config.values import parse_address, parse_duration
from lvstop.demo.world.conf import AddressConf, TrackConf, VipConf
from lvstop.demo.world.scheduling import SCHEDULERS
from lvstop.model.address import Family, IPAddress, Protocol, RealServerKey, VirtualServerKey, parse_endpoint
from lvstop.model.director import Privilege
from lvstop.model.ipvs import ForwardingMethod, Tunnel, TunnelType
from lvstop.model.vrrp import VrrpState

_FLAGS = ("sh-fallback", "sh-port", "mh-fallback", "mh-port")
_CHECKSUMS = ("nocsum", "csum", "remcsum")


def parse_number(text: str) -> int:
    """A whole number, with a sign or without."""
    digits = text[1:] if text[:1] in "+-" else text
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 12:
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def parse_natural(text: str) -> int:
    """A whole number from 0."""
    number = parse_number(text)
    if number < 0:
        raise ValueError(f"{text!r} is below 0")
    return number


def parse_some(text: str) -> int:
    """A whole number from 1."""
    number = parse_number(text)
    if number < 1:
        raise ValueError(f"{text!r} is below 1")
    return number


def parse_octet(text: str) -> int:
    """A priority or a virtual router's number: from 1 to 255."""
    number = parse_number(text)
    if not 1 <= number <= 255:
        raise ValueError(f"{text!r} is not a number from 1 to 255")
    return number


def parse_share(text: str) -> float:
    """From 0 to 1."""
    number = parse_quantity(text)
    if number > 1:
        raise ValueError(f"{text!r} is not a number from 0 to 1")
    return number


def parse_quantity(text: str) -> float:
    """A number from 0, with a fraction or without."""
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number") from None
    if not 0 <= number < 1e15:
        raise ValueError(f"{text!r} is not a number from 0")
    return number


def parse_moment(text: str) -> float:
    """Seconds from the beginning: a duration, or 0."""
    return 0.0 if text.strip() == "0" else parse_duration(text)


def parse_interface_address(text: str) -> AddressConf:
    """`ADDRESS/PREFIX`."""
    address, separator, prefix = text.partition("/")
    if not separator:
        raise ValueError(f"{text!r} is not ADDRESS/PREFIX")
    return AddressConf(parse_address(address), _prefix(prefix, parse_address(address)))


def parse_vip(text: str) -> VipConf:
    """`ADDRESS/PREFIX dev INTERFACE`."""
    words = text.split()
    if len(words) != 3 or words[1] != "dev":
        raise ValueError(f"{text!r} is not ADDRESS/PREFIX dev INTERFACE")
    address = parse_interface_address(words[0])
    return VipConf(address.address, address.prefix_length, words[2])


def _prefix(text: str, address: IPAddress) -> int:
    length = parse_natural(text)
    if length > address.max_prefixlen:
        raise ValueError(f"/{length} is too long for {address}")
    return length


def parse_service(text: str) -> VirtualServerKey:
    """`TCP:10.0.0.1:80`, `UDP:[2001:db8::1]:53`, `FWM:7` or `FWM:7:inet6`."""
    protocol, _, rest = text.partition(":")
    if protocol not in list(Protocol):
        raise ValueError(f"{text!r} does not begin with one of {', '.join(Protocol)}")
    if protocol == Protocol.FWM:
        mark, _, family = rest.partition(":")
        return VirtualServerKey.of_fwmark(parse_some(mark), Family(choose(Family)(family or Family.INET)))
    address, port = parse_endpoint(rest)
    return VirtualServerKey.of_endpoint(Protocol(protocol), address, port)


def parse_real_server(text: str) -> RealServerKey:
    """`ADDRESS:PORT`, with port 0 where it is the one that the client asked for."""
    return RealServerKey(*parse_endpoint(text))


def parse_forwarding(text: str) -> ForwardingMethod:
    """As ipvsadm lists it; Local is what the kernel makes of Route by itself."""
    return ForwardingMethod(choose((ForwardingMethod.ROUTE, ForwardingMethod.MASQ, ForwardingMethod.TUNNEL))(text))


def parse_tunnel(text: str) -> Tunnel:
    """`ipip`, `gre:CHECKSUM` or `gue:PORT:CHECKSUM`."""
    kind, *rest = text.split(":")
    match kind, rest:
        case "ipip", []:
            return Tunnel(TunnelType.IPIP, None, None)
        case "gre", [checksum] if checksum in _CHECKSUMS:
            return Tunnel(TunnelType.GRE, None, checksum)
        case "gue", [port, checksum] if checksum in _CHECKSUMS:
            return Tunnel(TunnelType.GUE, parse_some(port), checksum)
    raise ValueError(f"{text!r} is none of ipip, gre:CHECKSUM, gue:PORT:CHECKSUM with {', '.join(_CHECKSUMS)}")


def parse_track(text: str) -> TrackConf:
    """`NAME`, or `NAME weight N`."""
    match text.split():
        case [name]:
            return TrackConf(name)
        case [name, "weight", weight]:
            return TrackConf(name, parse_number(weight))
    raise ValueError(f"{text!r} is not NAME or NAME weight N")


def parse_scheduler(text: str) -> str:
    """One of those that are simulated."""
    return choose(SCHEDULERS)(text)


def parse_flag(text: str) -> str:
    """A flag of `sh` or `mh`."""
    return choose(_FLAGS)(text)


def parse_login(text: str) -> Privilege:
    """What the login may do."""
    return Privilege(choose(Privilege)(text))


def parse_state(text: str) -> VrrpState:
    """`state` of keepalived.conf."""
    return VrrpState(choose((VrrpState.MASTER, VrrpState.BACKUP))(text))


def parse_version(text: str) -> int:
    """Of VRRP."""
    return int(choose(("2", "3"))(text))


def parse_release(text: str) -> str:
    """A version of keepalived: `2.2.7`."""
    parts = text.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
        raise ValueError(f"{text!r} is not a version of keepalived, e.g. 2.2.7")
    return text
