"""The lab's networks: namespaces, bridges and taps, and the faults that are put on them."""

import secrets
from collections.abc import Iterable

from lab import netns
from lab.errors import LabError
from lab.ledger import Ledger
from lab.shell import ip, run
from lab.topology import ClientSpec, RealServerSpec, Topology, bare, subnet

# not even neighbour discovery of IPv6 is dropped: the director looks present, and answers nothing
NEIGHBOURS = "icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept"


class Wiring:
    """The core namespace with one bridge a network, one tap a director's interface, one namespace a further machine.

    Interfaces have plain names, because each lab has a namespace of its own; what is visible outside carries the
    lab's name.
    """

    def __init__(self, ledger: Ledger, topology: Topology) -> None:
        self._ledger = ledger
        self._topology = topology
        self.core = core_namespace(ledger.record.name)
        self._taps = {
            (director.name, nic.name): (f"t{place}-{nic.name}", nic.network)
            for place, director in enumerate(topology.directors, start=1)
            for nic in director.nics
        }

    def build(self) -> None:
        """Make everything."""
        self._ledger.add_namespace(self.core)
        ip(self.core, "link", "set", "lo", "up")
        for network in self._topology.networks:
            bridge = _bridge(network.name)
            # snooping would need a querier before it lets VRRP's multicast through
            ip(self.core, "link", "add", bridge, "type", "bridge", "forward_delay", "0", "mcast_snooping", "0")
            ip(self.core, "link", "set", bridge, "up")
            self._add_addresses(self.core, bridge, network.host_addresses)
        for tap, network_name in self._taps.values():
            ip(self.core, "tuntap", "add", "dev", tap, "mode", "tap")
            ip(self.core, "link", "set", tap, "master", _bridge(network_name), "up")
        for server in self._topology.real_servers:
            self._add_machine(server)
            self._add_vips(server)
        for client in self._topology.clients:
            self._add_machine(client)

    def namespace_of(self, machine: str) -> str:
        """Return the namespace of a real server or client."""
        return f"{self.core}-{machine}"

    def tap(self, director: str, nic: str) -> str:
        """Return the machine's end of a director's interface. Raises LabError when there is no such interface."""
        try:
            return self._taps[director, nic][0]
        except KeyError:
            known = ", ".join(name for owner, name in self._taps if owner == director)
            raise LabError(f"{director} has no interface {nic!r} (it has {known})") from None

    def cut(self, director: str, nic: str) -> None:
        """Take an interface off its network, as if the cable were pulled behind the switch."""
        ip(self.core, "link", "set", self.tap(director, nic), "nomaster")

    def mend(self, director: str, nic: str) -> None:
        """Undo `cut`."""
        tap = self.tap(director, nic)
        ip(self.core, "link", "set", tap, "master", _bridge(self._taps[director, nic][1]))

    def drop(self, director: str, nic: str, percent: float) -> None:
        """Lose this share of an interface's IP packets, each way, silently; ARP is left alone. 0 ends it."""
        tap = self.tap(director, nic)
        table = f"drop-{tap}"
        self._clear("netdev", table)
        if percent <= 0:
            return
        luck = "" if percent >= 100 else f"numgen random mod 1000 < {round(percent * 10)} "
        chains = "".join(
            f"chain {hook} {{\n type filter hook {hook} device {tap} priority 0;\n {NEIGHBOURS}\n"
            f" meta protocol {{ ip, ip6 }} {luck}drop\n}}\n"
            for hook in ("ingress", "egress")
        )
        self._nft(f"table netdev {table} {{\n{chains}}}\n")

    def refuse(self, addresses: Iterable[str], port: int) -> None:
        """Answer connections from the core namespace to this port of these addresses with a reset."""
        addresses = list(addresses)
        self.accept(addresses, port)
        rules = "".join(
            f" {'ip6' if ':' in address else 'ip'} daddr {address} tcp dport {port} reject with tcp reset\n"
            for address in addresses
        )
        table = _refusal(addresses[0], port)
        self._nft(f"table inet {table} {{\nchain output {{\n type filter hook output priority 0;\n{rules}}}\n}}\n")

    def accept(self, addresses: Iterable[str], port: int) -> None:
        """Undo `refuse`."""
        self._clear("inet", _refusal(next(iter(addresses)), port))

    def attach(self) -> tuple[str, ...]:
        """Join the machine itself to the directors' network, as an operator's workstation; return its addresses.

        Raises LabError when that network is routed here already.
        """
        require_free(self._topology)
        network = self._topology.operator_network
        outer = f"lvs{secrets.token_hex(4)}"
        self._ledger.add_link(outer)
        ip(None, "link", "add", outer, "type", "veth", "peer", "name", "operator", "netns", self.core)
        ip(self.core, "link", "set", "operator", "master", _bridge(network.name), "up")
        self._add_addresses(None, outer, network.attach_addresses)
        ip(None, "link", "set", outer, "up")
        return tuple(bare(address) for address in network.attach_addresses)

    def _add_machine(self, machine: RealServerSpec | ClientSpec) -> None:
        space = self.namespace_of(machine.name)
        self._ledger.add_namespace(space)
        ip(self.core, "link", "add", machine.name, "type", "veth", "peer", "name", "eth0", "netns", space)
        ip(self.core, "link", "set", machine.name, "master", _bridge(machine.network), "up")
        self._add_addresses(space, "eth0", machine.addresses)
        ip(space, "link", "set", "lo", "up")
        ip(space, "link", "set", "eth0", "up")
        if machine.gateway:
            ip(space, "route", "add", "default", "via", machine.gateway)

    def _add_vips(self, server: RealServerSpec) -> None:
        space = self.namespace_of(server.name)
        # DR: a real server takes packets for the VIP, and never says that it has it
        quiet = ("net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2")
        run(["ip", "netns", "exec", space, "sysctl", "-q", "-w", *quiet])
        for vip in server.vips:
            ip(space, "addr", "add", f"{vip}/{128 if ':' in vip else 32}", "dev", "lo")

    def _add_addresses(self, space: str | None, interface: str, addresses: Iterable[str]) -> None:
        for address in addresses:
            # no duplicate address detection: an address that is not usable at once would have to be waited for
            ip(space, "addr", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    def _clear(self, family: str, table: str) -> None:
        # `add` first, because deleting a table that is not there is an error
        self._nft(f"add table {family} {table}\ndelete table {family} {table}\n")

    def _nft(self, rules: str) -> None:
        run(["ip", "netns", "exec", self.core, "nft", "-f", "-"], stdin=rules)


def core_namespace(lab: str) -> str:
    """Return the name of the namespace from which a lab's directors are reached."""
    return f"lvstop-{lab}"


def namespaces_of(lab: str) -> list[str]:
    """Return the namespaces on this machine that carry a lab's name."""
    core = core_namespace(lab)
    return [name for name in netns.names() if name == core or name.startswith(f"{core}-")]


def require_free(topology: Topology) -> None:
    """Raise LabError when this machine cannot join the directors' network, because it knows that network already."""
    addresses = topology.operator_network.attach_addresses
    if not addresses:
        raise LabError(f"the topology {topology.name} has no address for an operator's workstation")
    for network in (subnet(address) for address in addresses):
        family = "-6" if ":" in network else "-4"
        routes = ip(None, "-o", family, "route", "show", "table", "all", "root", network).stdout.splitlines()
        if routes:
            raise LabError(f"{network} is in use on this machine, an operator cannot join it: {routes[0].strip()}")


def _bridge(network: str) -> str:
    return f"br-{network}"


def _refusal(address: str, port: int) -> str:
    return f"refuse-{port}-" + address.replace(":", "_").replace(".", "_")
