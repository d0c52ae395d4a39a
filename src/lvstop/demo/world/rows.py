"""How keepalived's checkers write to the kernel's table (keepalived/check/ipvswrapper.c, ipvs_cmd)."""

from collections.abc import Callable

from lvstop.demo.world.checked import CheckedServer, CheckedService, virtual_server_name
from lvstop.demo.world.conf import RealServerConf, VirtualServerConf
from lvstop.demo.world.table import ExistsError, NoSuchDestinationError, NoSuchServiceError, Service, Setting, Table
from lvstop.model.address import RealServerKey, VirtualServerKey
from lvstop.model.ipvs import ForwardingMethod


def kernel_key(service: VirtualServerConf, server: RealServerConf) -> RealServerKey:
    """By what the kernel knows a real server: only with Masq has it a port of its own; a firewall mark has port 0."""
    if server.forwarding is ForwardingMethod.MASQ:
        return server.key
    return RealServerKey(server.key.address, service.key.port or 0)


class Rows:
    """The rows that the checkers have put into the table. What the kernel refuses is a line in the log."""

    def __init__(self, table: Callable[[], Table], log: Callable[[str], None]) -> None:
        self._table = table
        self._log = log

    def add_service(self, conf: VirtualServerConf) -> None:
        """A virtual server, without real servers; one that is there already stays as it is."""
        try:
            self._table().add_service(_kernel_service(conf))
        except ExistsError:
            self._log(
                f"IPVS cmd IP_VS_SO_SET_ADD(1154) error: Service already exists(17) ({virtual_server_name(conf)})"
            )

    def edit_service(self, before: VirtualServerConf, after: VirtualServerConf) -> None:
        """What a new configuration says otherwise of a virtual server."""
        kernel = self._table().service(after.key)
        if kernel is None or _kernel_settings(before) == _kernel_settings(after):
            return
        kernel.scheduler, kernel.flags = after.scheduler, _flags(after)
        kernel.persistence_seconds, kernel.persistence_prefix = after.persistence_seconds, after.persistence_prefix
        kernel.one_packet = after.one_packet
        kernel.changed += 1

    def add(self, service: CheckedService, server: CheckedServer) -> None:
        """A real server that is alive; one that is inhibited is given its weight back."""
        if server.conf.inhibit_on_failure and server.in_table:
            self.edit(service, server)
            return
        server.in_table = True
        table, key = self._table(), service.conf.key
        try:
            table.add_destination(
                key, kernel_key(service.conf, server.conf), _setting(server.conf, server.effective_weight)
            )
        except ExistsError:
            self.edit(service, server)
        except NoSuchServiceError:
            self._log(
                f"IPVS cmd IP_VS_SO_SET_ADDDEST(1159) error: Service not defined ({virtual_server_name(service.conf)})"
            )

    def delete(self, service: CheckedService, server: CheckedServer) -> None:
        """A real server that is not; one that is inhibited keeps its row, with weight 0."""
        if server.conf.inhibit_on_failure and server.in_table:
            self.edit(service, server, weight=0)
            return
        server.in_table = False
        try:
            self._table().delete_destination(service.conf.key, kernel_key(service.conf, server.conf))
        except NoSuchDestinationError:
            self._log("IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: No such destination(2)")
        except NoSuchServiceError:
            self._log("IPVS cmd IP_VS_SO_SET_DELDEST(1160) error: Service not defined(3)")

    def edit(self, service: CheckedService, server: CheckedServer, weight: int | None = None) -> None:
        """All settings of a row anew; a row that is not there is added."""
        setting = _setting(server.conf, server.effective_weight if weight is None else weight)
        table, key, row = self._table(), service.conf.key, kernel_key(service.conf, server.conf)
        try:
            table.edit_destination(key, row, setting)
        except NoSuchDestinationError:
            table.add_destination(key, row, setting)
        except NoSuchServiceError:
            self._log("IPVS cmd IP_VS_SO_SET_EDITDEST(1161) error: Service not defined(3)")

    def delete_service(self, key: VirtualServerKey) -> None:
        """A virtual server with its rows, if it is there."""
        if self._table().service(key) is not None:
            self._table().delete_service(key)


def _kernel_service(conf: VirtualServerConf) -> Service:
    return Service(
        conf.key,
        conf.scheduler,
        _flags(conf),
        conf.persistence_seconds,
        conf.persistence_prefix,
        conf.one_packet,
    )


def _flags(conf: VirtualServerConf) -> tuple[str, ...]:
    """Bits in the kernel, so in its order: fallback before port (IP_VS_SVC_F_SCHED_… in linux/ip_vs.h)."""
    return tuple(sorted(conf.scheduler_flags))


def _kernel_settings(conf: VirtualServerConf) -> tuple[object, ...]:
    persistence = (conf.persistence_seconds, conf.persistence_prefix)
    return (conf.scheduler, conf.scheduler_flags, *persistence, conf.one_packet)


def _setting(conf: RealServerConf, weight: int) -> Setting:
    return Setting(conf.forwarding, weight, conf.upper_threshold, conf.lower_threshold, conf.tunnel)
