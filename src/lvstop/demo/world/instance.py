"""One VRRP instance as keepalived runs it: its state, timers and addresses.

Source: keepalived/vrrp/vrrp.c and vrrp_scheduler.c of keepalived 2.2.7; RFC 3768, RFC 5798.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from lvstop.demo.world.conf import InstanceConf
from lvstop.demo.world.machine import Machine
from lvstop.demo.world.network import Advert
from lvstop.demo.world.timeline import Timer
from lvstop.model.address import IPAddress
from lvstop.model.vrrp import VrrpState

_ADVERTS_BEFORE_DOWN = 3
_OCTETS = {4: 54, 6: 94}


class Wish(Enum):
    """What an instance wants after it heard or waited; its process settles that with its sync group."""

    NOTHING = "nothing"
    MASTER = "master"
    BACKUP = "backup"


@dataclass(slots=True, eq=False)
class Instance:
    """One instance.

    Attributes:
        faults: why it cannot work, in no order; empty: it can.
        additions: what trackers add to its priority, by their names.
        effective_priority: after that, from 1 to 254.
        master_priority, master_address: of the last master that was accepted, also when it is master itself.
        last_transition: seconds of the world.
        vips_set: it has set its addresses.
    """

    conf: InstanceConf
    machine: Machine
    log: Callable[[str], None]
    timed_out: Callable[["Instance"], None]
    state: VrrpState = VrrpState.INIT
    wanted_state: VrrpState = VrrpState.BACKUP
    effective_priority: int = 0
    master_priority: int = 0
    master_address: IPAddress | None = None
    last_transition: float = 0.0
    vips_set: bool = False
    faults: set[str] = field(default_factory=set)
    additions: dict[str, int] = field(default_factory=dict)
    adverts_received: int = 0
    adverts_sent: int = 0
    became_master: int = 0
    released_master: int = 0
    priority_zero_received: int = 0
    priority_zero_sent: int = 0
    _down: Timer | None = None
    _advert: Timer | None = None
    _garp: Timer | None = None
    _preempt_at: float | None = None

    def __post_init__(self) -> None:
        self.effective_priority = self.conf.priority

    @property
    def source(self) -> IPAddress:
        """The address that its adverts come from."""
        if self.conf.source is not None:
            return self.conf.source
        interface = self.machine.host.interface(self.conf.interface)
        version = self.conf.vips[0].address.version if self.conf.vips else 4
        addresses = [] if interface is None else [one.address for one in interface.addresses]
        none: IPAddress = IPv4Address(0) if version == 4 else IPv6Address(0)
        return next((one for one in addresses if one.version == version), none)

    @property
    def skew(self) -> float:
        """Seconds; the higher the priority, the shorter."""
        unit = 1.0 if self.conf.version == 2 else self.conf.advert_interval
        return (256 - self.effective_priority) / 256 * unit

    def watch(self, *, released: bool = False) -> None:
        """Wait for adverts; `released`: the master gave up, so that only the skew is waited for."""
        seconds = self.skew + (0 if released else _ADVERTS_BEFORE_DOWN * self.conf.advert_interval)
        if self._down is not None:
            self._down.cancel()
        self._down = self.machine.timeline.after(seconds, lambda: self.timed_out(self))

    def rest(self) -> None:
        """No timer runs any more."""
        for timer in (self._down, self._advert, self._garp):
            if timer is not None:
                timer.cancel()
        self._down = self._advert = self._garp = None
        self._preempt_at = None

    def hear(self, advert: Advert) -> Wish:
        """An advert has come in."""
        self.adverts_received += 1
        if advert.priority == 0:
            self.priority_zero_received += 1
        if self.state is VrrpState.MASTER:
            return self._hear_as_master(advert)
        if self.state is VrrpState.BACKUP:
            self._hear_as_backup(advert)
        return Wish.NOTHING

    def _hear_as_backup(self, advert: Advert) -> None:
        now = self.machine.timeline.now
        if advert.priority == 0:
            self.log(f"({self.conf.name}) Backup received priority 0 advertisement")
            self.watch(released=True)
            return
        waits = self.conf.preempt_delay > 0 and (self._preempt_at is None or now < self._preempt_at)
        if not self.conf.preempt or advert.priority >= self.effective_priority or waits:
            self.watch()
            self.master_priority = advert.priority
            self.master_address = advert.source
            self.wanted_state = VrrpState.BACKUP
            self._time_preemption(advert, now)
        else:
            said = f"received lower priority ({advert.priority}) advert from {advert.source} - discarding"
            self.log(f"({self.conf.name}) {said}")
            self.master_address = advert.source

    def _time_preemption(self, advert: Advert, now: float) -> None:
        if not self.conf.preempt_delay:
            return
        if advert.priority >= self.effective_priority:
            if self._preempt_at is not None:
                self.log(f"({self.conf.name}) stop preempt delay")
                self._preempt_at = None
        elif self._preempt_at is None:
            self.log(f"({self.conf.name}) start preempt delay ({self.conf.preempt_delay:.6f})")
            self._preempt_at = now + self.conf.preempt_delay

    def _hear_as_master(self, advert: Advert) -> Wish:
        ours = self.effective_priority
        if advert.priority == 0:
            self.advertise()
            self.log(f"({self.conf.name}) Master received priority 0 message")
            return Wish.NOTHING
        if (advert.priority, int(advert.source)) < (ours, int(self.source)):
            said = f"Received advert from {advert.source} with lower priority {advert.priority}, ours {ours}"
            self.log(f"({self.conf.name}) {said}, forcing new election")
            self.advertise()
            self.announce()
            return Wish.NOTHING
        if advert.priority > ours:
            said = f"Master received advert from {advert.source} with higher priority {advert.priority}, ours {ours}"
        else:
            said = (
                f"Master received advert from {advert.source} with same priority {advert.priority} but higher IP "
                "address than ours"
            )
        self.log(f"({self.conf.name}) {said}")
        self.master_address = advert.source
        self.master_priority = advert.priority
        return Wish.BACKUP

    def advertise(self, *, priority: int | None = None) -> None:
        """Send one advert."""
        self.adverts_sent += 1
        interface = self.machine.host.interface(self.conf.interface)
        if interface is None or not interface.up:
            return
        source = self.source
        interface.send(1, _OCTETS[source.version])
        told = self.effective_priority if priority is None else priority
        conf = self.conf
        self.machine.network.send(Advert(self.machine.name, conf.interface, conf.version, conf.vrid, told, source))

    def announce(self) -> None:
        """Gratuitous ARP, or neighbour advertisements, for each of its addresses."""
        for vip in self.conf.vips:
            interface = self.machine.host.interface(vip.interface)
            four = isinstance(vip.address, IPv4Address)
            kind = "gratuitous ARPs" if four else "Unsolicited Neighbour Adverts"
            self.log(f"({self.conf.name}) Sending/queueing {kind} on {vip.interface} for {vip.address}")
            said = "gratuitous ARP" if four else "unsolicited Neighbour Advert"
            for _ in range(self.conf.garp_repeat):
                self.log(f"Sending {said} on {vip.interface} for {vip.address}")
            if interface is not None and interface.up:
                interface.send(self.conf.garp_repeat, self.conf.garp_repeat * (42 if four else 86))
                self.machine.network.announce(vip.address, self.machine.name)

    def become_master(self) -> None:
        """Take the addresses and say so."""
        self.rest()
        self.state = self.wanted_state = VrrpState.MASTER
        self.became_master += 1
        self.last_transition = self.machine.timeline.now
        self.log(f"({self.conf.name}) Entering MASTER STATE")
        self.advertise()
        self.log(f"({self.conf.name}) setting VIPs.")
        for vip in self.conf.vips:
            self.machine.host.set_address(vip.interface, vip.address, vip.prefix_length)
        self.vips_set = True
        self.announce()
        self._advert = self.machine.timeline.every(self.conf.advert_interval, self.advertise)
        if self.conf.garp_delay:
            self._garp = self.machine.timeline.after(self.conf.garp_delay, self.announce)

    def leave_master(self, state: VrrpState) -> None:
        """Give the addresses up, for BACKUP or FAULT."""
        self.rest()
        self.log(f"({self.conf.name}) Entering {state} STATE")
        if state is VrrpState.FAULT:
            self.advertise(priority=0)
            self.priority_zero_sent += 1
        self.release()
        self.released_master += 1
        self._enter(state)

    def leave_other(self, state: VrrpState) -> None:
        """From INIT, BACKUP or FAULT to BACKUP or FAULT."""
        self.rest()
        if self.state is not state:
            self.log(f"({self.conf.name}) Entering {state} STATE" + (" (init)" if self.state is VrrpState.INIT else ""))
        self._enter(state)

    def stop(self) -> None:
        """keepalived ends."""
        if self.state is VrrpState.MASTER:
            self.advertise(priority=0)
            self.priority_zero_sent += 1
            self.log(f"({self.conf.name}) sent 0 priority")
            self.release()
        self.rest()

    def release(self) -> None:
        """Take the addresses from the interfaces, whoever set them."""
        self.log(f"({self.conf.name}) removing VIPs.")
        for vip in self.conf.vips:
            self.machine.host.remove_address(vip.interface, vip.address)
        self.vips_set = False

    def reckon(self) -> None:
        """Work out the effective priority anew."""
        priority = min(max(self.conf.priority + sum(self.additions.values()), 1), 254)
        if self.conf.priority == 255 and not self.additions:
            priority = 255
        if priority != self.effective_priority:
            self.log(f"({self.conf.name}) Changing effective priority from {self.effective_priority} to {priority}")
            self.effective_priority = priority

    def _enter(self, state: VrrpState) -> None:
        self.state = self.wanted_state = state
        self.last_transition = self.machine.timeline.now
        if state is VrrpState.BACKUP:
            self.watch()
