"""Changes and failovers on record on the operator's machine: a file for each, in a folder for each cluster.

    FOLDER/<cluster>/<id>.json      one line, as `model.failover_record.write_record` writes it

A record is replaced as a whole or not at all, and is on the disk when `save` returns: what a crash leaves behind is the
old record or the new one.
"""

import hashlib
import os
import re
import tempfile
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from lvstop.actions.private import make_private, sync_folder
from lvstop.errors import LvstopError
from lvstop.model.change import Change
from lvstop.model.failover import Failover
from lvstop.model.failover_record import Record, read_record, write_record
from lvstop.model.record_fields import RECORD_LIMIT

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
"""What is a file name as it is: neither hidden nor a way out of the folder."""


class StoreError(LvstopError):
    """A record could not be written, or not be removed."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is on record of a cluster.

    Attributes:
        changes, failovers: the oldest first.
        complaints: of what could not be read, one sentence each: there may be changes that nobody knows of.
    """

    changes: tuple[Change, ...]
    failovers: tuple[Failover, ...]
    complaints: tuple[str, ...]


class ChangeStore:
    """The records of every cluster.

    Args:
        folder: `changes` in `config.paths.state_folder()`; it is made when something is saved.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save(self, record: Record) -> None:
        """Keep a change or a failover, in the place of what was kept of it.

        Raises:
            StoreError: it could not be written; what was kept before is kept still.
        """
        folder = self._folder / _safe(record.cluster)
        try:
            text = write_record(record)
            make_private(folder)
            _replace(folder / f"{_safe(record.id)}.json", text.encode("ascii") + b"\n")
        except OSError as error:
            why = error.strerror or error
            raise StoreError(f"the record of {record.id} cannot be written into {folder}: {why}") from error
        except ValueError as error:
            raise StoreError(f"{record.id} cannot be put on record: {error}") from error

    def forget(self, record_id: str) -> None:
        """Keep a change or a failover no longer; there may be no record of it.

        Raises:
            StoreError: the record is still there.
        """
        name = _safe(record_id)
        try:
            for folder in _folders(self._folder):
                # hidden: what crashes left of it
                found = [folder / f"{name}.json", *folder.glob(f".{name}.*.tmp")]
                if sum(map(_unlinked, found)):
                    sync_folder(folder)
        except OSError as error:
            raise StoreError(f"the record of {record_id} cannot be removed: {error.strerror or error}") from error

    def load(self, cluster: str) -> Loaded:
        """What is on record of one cluster. Nothing is raised: what cannot be read is complained of."""
        folder = self._folder / _safe(cluster)
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix == ".json" and path.name[0] != ".")
        except FileNotFoundError:
            return Loaded((), (), ())
        except OSError as error:
            return Loaded((), (), (f"the changes on record in {folder} cannot be read: {error.strerror or error}",))
        records: list[Record] = []
        complaints: list[str] = []
        for path in paths:
            try:
                records.append(_load(path, cluster))
            except FileNotFoundError:
                continue  # over since the folder was listed
            except OSError as error:
                complaints.append(f"the change on record in {path} cannot be read: {error.strerror or error}")
            except ValueError as error:
                complaints.append(f"{path} is no record of a change: {error}")
        records.sort(key=attrgetter("at", "id"))
        return Loaded(
            tuple(each for each in records if isinstance(each, Change)),
            tuple(each for each in records if isinstance(each, Failover)),
            tuple(complaints),
        )


def _safe(name: str) -> str:
    """A file name for `name`, which may come from another machine; different names have different ones."""
    return name if _PLAIN.fullmatch(name) else f"~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except FileNotFoundError:
        return []


def _unlinked(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def _replace(path: Path, data: bytes) -> None:
    """Write a file beside, and rename it when it is on the disk."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.stem}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:  # 0600 by mkstemp
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        Path(temporary).replace(path)
    except OSError:
        _unlinked(Path(temporary))
        raise
    sync_folder(path.parent)


def _load(path: Path, cluster: str) -> Record:
    with path.open("rb") as stream:
        data = stream.read(RECORD_LIMIT + 2)
    record = read_record(data.decode("ascii"))
    if record.cluster != cluster:
        raise ValueError(f"it is of the cluster {record.cluster}")
    if path.stem != _safe(record.id):
        raise ValueError(f"it is of the {'failover' if isinstance(record, Failover) else 'change'} {record.id}")
    return record
