"""Sessions over SSH for a terminal that may change something: what reads, and what makes changes."""

import logging
from typing import TYPE_CHECKING

from lvstop.config.schema import ClusterConfig
from lvstop.engine.late_actors import LateActor, LateFailoverActor
from lvstop.engine.ssh_sessions import SshSessions

_LOG = logging.getLogger(__name__)

if TYPE_CHECKING:
    from lvstop.engine.actor import Actor
    from lvstop.engine.failover_actor import FailoverActor


class OperatorSessions(SshSessions):
    """Sessions that read, and actors beside them. A read-only lvstop makes none of these."""

    def operates(self, config: ClusterConfig) -> bool:
        """Unless its file says that nobody does so from here."""
        return not config.read_only

    def make_actor(self, config: ClusterConfig) -> "Actor | None":
        """What changes a cluster, if anything may. Nothing is imported for it before it is used."""
        return None if config.read_only or self.folder is None else LateActor(lambda: self._actor(config))

    def make_failover_actor(self, config: ClusterConfig) -> "FailoverActor | None":
        """What fails a cluster over, if anything may. Nothing is imported for it before it is used."""
        may_not = config.read_only or self.folder is None
        return None if may_not else LateFailoverActor(lambda: self._failover_actor(config))

    def forget(self, record: str) -> None:
        """A record is over, and the operator's machine keeps it no longer."""
        from lvstop.actions.store import StoreError
        from lvstop.engine.records import store_in

        if self.folder is None:
            return
        try:
            store_in(self.folder).forget(record)
        except StoreError as error:
            # it is found to be over again, and forgotten when that is possible
            _LOG.warning("%s", error)

    def _actor(self, config: ClusterConfig) -> "Actor":
        from lvstop.engine.actors import ssh_actors

        if self.folder is None:
            raise RuntimeError("an actor was made where no records are kept")
        actor = ssh_actors(self.clock, self.ask_secret, self.folder, self.unlocked)(config)
        if actor is None:
            raise RuntimeError(f"an actor was made for {config.name}, which is read-only")
        return actor

    def _failover_actor(self, config: ClusterConfig) -> "FailoverActor":
        from lvstop.engine.failovers import ssh_failover_actors

        if self.folder is None:
            raise RuntimeError("a failover actor was made where no records are kept")
        actor = ssh_failover_actors(self.clock, self.ask_secret, self.folder, self.unlocked)(config)
        if actor is None:
            raise RuntimeError(f"a failover actor was made for {config.name}, which is read-only")
        return actor
