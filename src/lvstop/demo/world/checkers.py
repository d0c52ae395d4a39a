"""keepalived's health checkers: what they believe, and what follows from it.

They never read the kernel's table: a weight that somebody else has set there stays until they have a reason of their
own to write. Source: keepalived/check/check_tcp.c, check_file.c and ipwrapper.c of keepalived 2.2.7.

A check of a server about which nothing has changed would find nothing new; so only those are simulated that find
something, each at the moment at which its turn comes.
"""

from collections.abc import Callable, Iterator
from zlib import crc32

from lvstop.demo.world.checked import CheckedServer, CheckedService, real_server_name, virtual_server_name
from lvstop.demo.world.conf import KeepalivedConf, RealServerConf, TrackConf, VirtualServerConf
from lvstop.demo.world.machine import Machine
from lvstop.demo.world.network import Answer
from lvstop.demo.world.rows import Rows
from lvstop.model.address import IPAddress

RETRIES = 1
RETRY_SECONDS = 1.0
"""The defaults of TCP_CHECK."""
_ADDS_UP_SINCE = (2, 2, 0)
"""Before that a weight was never below 1, and files did not count at the start (#1757, #1762)."""


class Checkers:
    """The process. `services` are those of the configuration, in its order."""

    def __init__(self, machine: Machine, conf: KeepalivedConf, log: Callable[[str], None], version: str) -> None:
        self._machine = machine
        self._conf = conf
        self._log = log
        self._adds_up = tuple(int(part) for part in version.split(".")) >= _ADDS_UP_SINCE
        self._running = False
        self._started_at = 0.0
        self._rows = Rows(lambda: machine.table, log)
        self._numbers: dict[str, int] = {}
        self.services: list[CheckedService] = []

    def start(self, numbers: dict[str, int]) -> None:
        """Fill the table: every real server counts as alive until a check fails."""
        table = self._machine.table
        self._running = True
        self._started_at = self._machine.timeline.now
        self._numbers = dict(numbers)
        table.loaded = True
        if self._conf.flush_on_start:
            table.flush()
        self.services = [_fresh(conf) for conf in self._conf.virtual_servers]
        for service in self.services:
            self._bring_up(service)
        for service, server in self._pairs():
            self._activate(service, server)

    def _bring_up(self, service: CheckedService) -> None:
        """Add a virtual server with all of its real servers."""
        self._rows.add_service(service.conf)
        for server in service.real_servers:
            self._weigh(server, fresh=True)
            server.alive = not server.failed
            if server.alive:
                self._rows.add(service, server)
        self._settle_quorum(service, at_start=True)

    def _activate(self, service: CheckedService, server: CheckedServer) -> None:
        said = f"{real_server_name(service, server)} for VS {virtual_server_name(service.conf)}"
        self._log(f"Activating healthchecker for service {said}")
        if self._answer(server) is not Answer.OPEN:
            self._wait_for_turn(service, server)
        else:
            server.checked = True

    def stop(self) -> None:
        """SIGTERM: take what it added out of the table, or everything."""
        table = self._machine.table
        self._running = False
        if self._conf.flush_on_stop:
            table.flush()
            return
        for service in self.services:
            for server in service.real_servers:
                if server.in_table:
                    said = f"{real_server_name(service, server)} from VS {virtual_server_name(service.conf)}"
                    self._log(f"Shutting down service {said}")
            self._rows.delete_service(service.conf.key)

    def kill(self) -> None:
        """SIGKILL: the table stays as it is."""
        self._running = False

    def reload(self, conf: KeepalivedConf, numbers: dict[str, int]) -> None:
        """SIGHUP: write only what the new configuration changes."""
        self._conf = conf
        self._numbers = dict(numbers)
        old = {service.conf.key: service for service in self.services}
        services: list[CheckedService] = []
        for each in conf.virtual_servers:
            known = old.pop(each.key, None)
            if known is None:
                known = _fresh(each)
                self._bring_up(known)
            else:
                self._reload_service(known, each)
            services.append(known)
        for gone in old.values():
            self._log(f"Removing Virtual Server {virtual_server_name(gone.conf)}")
            self._rows.delete_service(gone.conf.key)
        self.services = services
        for service, server in self._pairs():
            self._activate(service, server)

    def _reload_service(self, service: CheckedService, conf: VirtualServerConf) -> None:
        self._rows.edit_service(service.conf, conf)
        service.conf = conf
        old = {server.conf.key: server for server in service.real_servers}
        wanted = {each.key for each in conf.real_servers}
        for server in [server for key, server in old.items() if key not in wanted]:
            self._log(f"service {real_server_name(service, server)} no longer exist")
            self._log(f"Removing service {real_server_name(service, server)} from VS {virtual_server_name(conf)}")
            server.conf = _without_inhibit(server.conf)
            self._rows.delete(service, server)
        service.real_servers = [self._reload_server(service, old.get(each.key), each) for each in conf.real_servers]
        self._settle_quorum(service)

    def _reload_server(
        self, service: CheckedService, server: CheckedServer | None, conf: RealServerConf
    ) -> CheckedServer:
        if server is None:
            server = CheckedServer(conf)
            self._weigh(server, fresh=True)
            server.alive = not server.failed
            if server.alive and (service.quorum_up or not service.sorry_alive):
                self._rows.add(service, server)
            return server
        before, server.conf = server.conf, conf
        weight = server.effective_weight
        if self._adds_up or before.weight != conf.weight:
            self._weigh(server, fresh=True)
        else:
            # the weight stays, but keepalived forgets of what it was the sum
            self._add_files(server)
            server.sum = 0
        if server.effective_weight != weight:
            self._tell_weight(service, server, weight)
        differs = server.effective_weight != weight or _limits(before) != _limits(conf)
        if differs and server.alive and server.in_table:
            self._rows.edit(service, server)
        return server

    # what happens

    def server_changed(self, address: IPAddress) -> None:
        """A real server answers otherwise than before: its checks will find out, each in its turn."""
        if not self._running:
            return
        for service, server in self._pairs():
            if server.conf.key.address == address and server.conf.check_port is not None:
                self._wait_for_turn(service, server)

    def file_changed(self, name: str, number: int) -> None:
        """The number in a track file is another one; keepalived notices at once."""
        self._numbers[name] = number
        if not self._running:
            return
        for service, server in self._pairs():
            if not any(each.file == name for each in server.conf.file_checks):
                continue
            before = server.effective_weight
            failed = set(server.failed)
            self._weigh(server)
            if server.failed != failed:
                self._settle_server(service, server)
            if server.effective_weight != before:
                self._tell_weight(service, server, before)
                if server.alive and server.in_table:
                    self._rows.edit(service, server)
                self._settle_quorum(service)

    def _wait_for_turn(self, service: CheckedService, server: CheckedServer) -> None:
        """Check when the checker's next turn comes; its turns are `delay_loop` apart."""
        now, loop = self._machine.timeline.now, service.conf.delay_loop
        place = crc32(f"{self._machine.name} {service.conf.key} {server.conf.key}".encode()) / 2**32
        first = self._started_at + place * loop
        turn = first if now <= first else first + loop * (int((now - first) / loop) + 1)
        self._machine.timeline.after(turn - now, lambda: self._check(service, server))

    def _check(self, service: CheckedService, server: CheckedServer) -> None:
        """TCP_CHECK connects."""
        if not self._running or server not in service.real_servers or service not in self.services:
            return
        answer = self._answer(server)
        if answer is Answer.OPEN:
            server.retries = 0
            server.checked = True
            if "tcp" in server.failed:
                self._log(f"TCP connection to {real_server_name(service, server)} success.")
                server.failed.discard("tcp")
                self._settle_server(service, server)
        elif "tcp" not in server.failed:
            wait = 0.0 if answer is Answer.REFUSED else service.conf.connect_timeout
            self._machine.timeline.after(wait, lambda: self._failed(service, server, answer))

    def _failed(self, service: CheckedService, server: CheckedServer, answer: Answer) -> None:
        if not self._running or "tcp" in server.failed or service not in self.services:
            return
        said = "failed" if answer is Answer.REFUSED else "timeout"
        if server.retries < RETRIES:
            self._log(f"TCP connection to {real_server_name(service, server)} {said}.")
            server.retries += 1
            self._machine.timeline.after(RETRY_SECONDS, lambda: self._check(service, server))
            return
        after = f" after {RETRIES} retries" if server.checked else ""
        self._log(f"TCP_CHECK on service {real_server_name(service, server)} failed{after}.")
        server.retries = 0
        server.checked = True
        server.failed.add("tcp")
        self._settle_server(service, server)

    def _answer(self, server: CheckedServer) -> Answer:
        port = server.conf.check_port
        if port is None:
            return Answer.OPEN
        return self._machine.network.answer(self._machine.name, server.conf.key.address, port)

    # what follows

    def _weigh(self, server: CheckedServer, *, fresh: bool = False) -> None:
        """Work out the effective weight, and which FILE_CHECKs fail. `fresh`: it has not had this configured weight."""
        added = self._add_files(server)
        if self._adds_up:
            server.effective_weight = max(server.conf.weight + sum(server.additions.values()), 0)
        else:
            server.sum = server.conf.weight if fresh else server.sum + added
            server.effective_weight = max(server.sum, 1)

    def _add_files(self, server: CheckedServer) -> int:
        """What FILE_CHECKs say now; how much more they add than before."""
        added = 0
        for track in server.conf.file_checks:
            number, weight = self._numbers.get(track.file, 0), self._file_weight(track)
            failed = weight == 0 and number != 0
            (server.failed.add if failed else server.failed.discard)(f"file {track.file}")
            added += number * weight - server.additions.get(track.file, 0)
            server.additions[track.file] = number * weight
        return added

    def _file_weight(self, track: TrackConf) -> int:
        if track.weight is not None:
            return track.weight
        return next((each.weight for each in self._conf.track_files if each.name == track.file), 1)

    def _tell_weight(self, service: CheckedService, server: CheckedServer, before: int) -> None:
        state = "active" if server.alive else "inactive"
        said = f"for {state} service {real_server_name(service, server)} of VS {virtual_server_name(service.conf)}"
        self._log(f"Changing weight from {before} to {server.effective_weight} {said}")

    def _settle_server(self, service: CheckedService, server: CheckedServer) -> None:
        """perform_svr_state: add or remove a real server whose checkers say so."""
        alive = not server.failed
        if alive is server.alive:
            return
        inhibit = server.conf.inhibit_on_failure
        verb = ("Enabling" if inhibit else "Adding") if alive else ("Disabling" if inhibit else "Removing")
        way = "of" if inhibit else "to" if alive else "from"
        self._log(f"{verb} service {real_server_name(service, server)} {way} VS {virtual_server_name(service.conf)}")
        if service.quorum_up or not service.sorry_alive:
            (self._rows.add if alive else self._rows.delete)(service, server)
        server.alive = alive
        self._settle_quorum(service)

    def _settle_quorum(self, service: CheckedService, *, at_start: bool = False) -> None:
        """update_quorum_state: with too few of them the sorry server takes their place."""
        conf, live = service.conf, service.live_weight
        threshold = conf.quorum + (-conf.hysteresis if service.quorum_up else conf.hysteresis)
        name = virtual_server_name(conf)
        if not service.quorum_up and live >= threshold:
            service.quorum_up = True
            self._log(f"Gained quorum {conf.quorum}+{conf.hysteresis}={threshold} <= {live} for VS {name}")
            if conf.sorry_server is not None and service.sorry_alive:
                sorry = CheckedServer(conf.sorry_server, in_table=True)
                self._log(f"Removing sorry server {real_server_name(service, sorry)} from VS {name}")
                self._rows.delete(service, sorry)
                service.sorry_alive = False
                self._all(service, self._rows.add, "Adding alive servers to")
        elif self._quorum_lost(service, threshold, at_start=at_start):
            service.quorum_up = False
            said = "Starting with quorum down" if at_start else "Lost quorum"
            self._log(f"{said} {conf.quorum}-{conf.hysteresis}={threshold} > {live} for VS {name}")
            if conf.sorry_server is not None and not service.sorry_alive:
                sorry = CheckedServer(conf.sorry_server, effective_weight=conf.sorry_server.weight)
                self._log(f"Adding sorry server {real_server_name(service, sorry)} to VS {name}")
                self._all(service, self._rows.delete, "Removing alive servers from")
                self._rows.add(service, sorry)
                service.sorry_alive = True

    def _quorum_lost(self, service: CheckedService, threshold: int, *, at_start: bool) -> bool:
        if service.quorum_up:
            return not service.live_weight or service.live_weight < threshold
        return at_start and service.conf.sorry_server is not None and not service.sorry_alive

    def _all(self, service: CheckedService, change: Callable[[CheckedService, CheckedServer], None], verb: str) -> None:
        self._log(f"{verb} the pool for VS {virtual_server_name(service.conf)}")
        for server in service.real_servers:
            if server.alive:
                change(service, server)

    def _pairs(self) -> Iterator[tuple[CheckedService, CheckedServer]]:
        for service in self.services:
            for server in service.real_servers:
                yield service, server


def _fresh(conf: VirtualServerConf) -> CheckedService:
    return CheckedService(conf, [CheckedServer(each) for each in conf.real_servers])


def _limits(conf: RealServerConf) -> tuple[object, ...]:
    return (conf.forwarding, conf.upper_threshold, conf.lower_threshold, conf.tunnel)


def _without_inhibit(conf: RealServerConf) -> RealServerConf:
    return RealServerConf(conf.key, conf.forwarding, conf.weight)
