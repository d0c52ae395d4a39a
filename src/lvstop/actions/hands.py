"""One director in the hands of an execution: its lock, table, files, service and records, one request at a time."""

from collections.abc import Mapping
from dataclasses import dataclass

from lvstop.actions.command import Command, FileCommand, PriorityCommand, ServiceCommand, WeightCommand
from lvstop.actions.failover.plan import Suggestion
from lvstop.actions.intent import Row
from lvstop.actions.programs import act
from lvstop.config.schema import PrivilegeChoice
from lvstop.errors import LvstopError
from lvstop.model.address import IPAddress
from lvstop.model.change import Destination
from lvstop.model.director import FaultKind
from lvstop.model.failover_record import Record, write_record
from lvstop.model.ipvs import ForwardingMethod
from lvstop.model.sounding import ConfigCheck
from lvstop.plain import plain
from lvstop.probe.parse.addresses import parse_ip_addr_json
from lvstop.probe.parse.config_check import parse_config_check
from lvstop.probe.parse.ipvsadm import parse_save, parse_thresholds
from lvstop.probe.parse.keepalived_log import parse_keepalived_log
from lvstop.probe.parse.numbers import read_float, read_unsigned
from lvstop.transport.base import Channel, Section, Transport, TransportError

_LOCKED = 9
_SERVICE_SECONDS = 90.0
"""How long keepalived may take to stop: systemd's own patience."""


class HandsError(LvstopError):
    """Something that was to be done on a director was not, or nobody knows.

    Attributes:
        lost: the director does not answer any more, so that it is unknown whether it was done.
    """

    def __init__(self, sentence: str, *, lost: bool = False) -> None:
        self.lost = lost
        super().__init__(sentence)


class LockedError(HandsError):
    """Another lvstop is changing this director."""


class NoPrivilegeError(HandsError):
    """This login may not change anything on this director."""


@dataclass(frozen=True, slots=True)
class TableNow:
    """A director's table at this moment, in the terms of `ipvsadm -e`. Local real servers are among Route."""

    rows: Mapping[Row, Destination]


class DirectorHands:
    """Asks the program `act` on one director. Every method raises HandsError where it was not done.

    Attributes:
        elevated: the program runs as root through sudo, because the login is not root.
    """

    def __init__(self, name: str, channel: Channel, *, elevated: bool = False, timeout: float = 10.0) -> None:
        self.name = name
        self.elevated = elevated
        self._channel = channel
        self._timeout = timeout

    async def lock(self, owner: str) -> None:
        """Keep every other lvstop from changing this director until these hands are closed.

        Raises:
            LockedError: another one does, and who that is.
        """
        section = await self._ask("lock", owner)
        if section.status == _LOCKED:
            raise LockedError(f"{self.name} is being changed by {_text(section) or 'another lvstop'}")
        self._done(section, "could not be locked")

    async def table(self) -> TableNow:
        """Read the table as rules, with the thresholds that rules leave out."""
        sections = await self._ask_all("table", "save", "thresholds")
        saved = parse_save(self._done(sections[0], "did not tell its table", cut=False))
        limits = parse_thresholds(self._done(sections[1], "did not tell its thresholds", cut=False))
        issue = next(iter((*saved.issues, *limits.issues)), None)
        if issue is not None:
            raise HandsError(f"{self.name}: {issue.source}, line {issue.line_number}: {issue.reason}")
        rows: dict[Row, Destination] = {}
        for server in saved.value.virtual_servers:
            known = limits.value.get(server.key, {})
            for rule in server.real_servers:
                if rule.key not in known:
                    raise HandsError(f"{self.name}: the thresholds of {rule.key} of {server.key} are unknown")
                upper, lower = known[rule.key]
                tunnel = rule.tunnel if rule.forwarding is ForwardingMethod.TUNNEL else None
                rows[server.key, rule.key] = Destination(rule.forwarding, rule.weight, upper, lower, tunnel)
        return TableNow(rows)

    async def number(self, path: str) -> int:
        """The number in a track file; 0 where there is none, as keepalived takes it."""
        text = self._done(await self._ask("number", path), f"did not tell what is in {path}").strip()
        try:
            return int(text or "0")
        except ValueError:
            raise HandsError(f"{path} on {self.name} has no number in it: {text[:40]!r}") from None

    async def run(self, command: Command) -> None:
        """Run one command that changes something."""
        self._done(await self._ask(*_request(command)), f"refused `{command}`")

    async def priority(self, instance: str, path: str) -> int:
        """The priority of an instance as it stands in a configuration file, in exactly one line."""
        complaint = f"did not tell the priority of {instance} in {path}"
        number = read_unsigned(self._done(await self._ask("place", f"{_word(instance)} {path}"), complaint), 255)
        if number is None:
            raise HandsError(f"{self.name} {complaint}: no number of 0–255")
        return number

    async def service_active(self, unit: str) -> bool:
        """keepalived's service runs. One that is just starting or stopping does not, or does not any more."""
        return self._done(await self._ask("active", unit), f"did not tell whether {unit} runs") == "active"

    async def holds(self) -> frozenset[IPAddress]:
        """All addresses in the kernel now."""
        text = self._done(await self._ask("addresses"), "did not tell its addresses", cut=False)
        parsed = parse_ip_addr_json(text)
        if parsed.issues:
            raise HandsError(f"{self.name} told its addresses in a way that is not understood")
        return frozenset(entry.address for entry in parsed.value)

    async def date(self) -> float:
        """The director's clock: seconds since the epoch, with their fractions."""
        stamp = read_float(self._done(await self._ask("date"), "did not tell the time"))
        if stamp is None:
            raise HandsError(f"{self.name} did not tell the time with its fractions")
        return stamp

    async def try_suggestion(self, suggestion: Suggestion) -> ConfigCheck:
        """What `keepalived -t` says of the configuration with these lines in it, which stays as it is."""
        lines = [f"+{line}" for line in suggestion.lines]
        for heading, block in suggestion.within:
            lines += [f">{heading}", *(f"|{line}" for line in block)]
        # a line each on the director; a request is one line
        text = "\\n".join(line.replace("\\", "\\\\") for line in lines)
        section = await self._ask("try", text, _SERVICE_SECONDS)
        parsed = parse_config_check(self._done(section, "did not try these lines", cut=False))
        if parsed.value is None:
            raise HandsError(f"{self.name} did not tell what keepalived says of these lines")
        return parsed.value

    async def reloading(self) -> bool:
        """keepalived is taking over a new configuration now. False where its log cannot be read."""
        section = await self._ask("reloads")
        if section.status != 0:
            return False
        return parse_keepalived_log(_text(section, cut=False)).reloading

    async def record(self, record: Record) -> None:
        """Keep a record for every lvstop that comes by."""
        self._done(await self._ask("record", f"{record.id} {write_record(record)}"), "kept no record")

    async def forget(self, record_id: str) -> None:
        """Keep it no longer; there may be none."""
        self._done(await self._ask("forget", record_id), "did not forget a record")

    async def note(self, sentence: str) -> None:
        """A line in the director's own log (syslog, identifier lvstop)."""
        self._done(await self._ask("note", plain(sentence).replace("\n", " ")), "logged nothing")

    async def close(self) -> None:
        """Let go. Never raises."""
        await self._channel.close()

    async def _ask(self, verb: str, argument: str = "", timeout: float = 0.0) -> Section:
        (section,) = await self._ask_all(f"{verb} {argument}".rstrip(), verb, timeout=timeout)
        return section

    async def _ask_all(self, request: str, *names: str, timeout: float = 0.0) -> tuple[Section, ...]:
        if not request.isprintable():
            # a newline would begin another request
            raise HandsError(f"{self.name} was not asked: the request is not printable")
        try:
            reply = await self._channel.ask(request, timeout=max(timeout, self._timeout))
        except TransportError as error:
            raise HandsError(f"{self.name} does not answer: {error}", lost=True) from error
        sections = tuple(section for name in names if (section := reply.section(name)) is not None)
        if len(sections) != len(names):
            raise HandsError(f"{self.name} does not understand `{request.partition(' ')[0]}`")
        return sections

    def _done(self, section: Section, complaint: str, *, cut: bool = True) -> str:
        text = _text(section, cut=cut)
        if section.status != 0:
            said = _text(section) or "no words"
            raise HandsError(f"{self.name} {complaint}: {said} (exit status {section.status})")
        return text


def _request(command: Command) -> tuple[str, str, float]:
    """Verb, argument, and how long it may take."""
    match command:
        case WeightCommand():
            return "edit", " ".join(command.argv[2:]), 0.0
        case FileCommand():
            return "put", f"{command.value} {command.path}", 0.0
        case PriorityCommand():
            numbers = f"{command.before} {command.after}"
            return "priority", f"{_word(command.instance)} {numbers} {command.path}", _SERVICE_SECONDS
        case ServiceCommand():
            return "service", f"{'start' if command.start else 'stop'} {command.unit}", _SERVICE_SECONDS


def _word(instance: str) -> str:
    """An instance's name as one word of a request."""
    if not instance or any(character.isspace() for character in instance):
        raise HandsError(f"the name of the instance {instance!r} is not one word")
    return instance


def _text(section: Section, *, cut: bool = True) -> str:
    text = plain(section.body.decode("utf-8", "replace"))
    if not cut:
        return text
    first, _, _ = text.strip().partition("\n")
    return first.strip()[:200]


async def lay_hands(name: str, transport: Transport, privilege: PrivilegeChoice, *, timeout: float) -> DirectorHands:
    """Start `act` on a connected director, as root or through sudo.

    Raises:
        NoPrivilegeError: this login may not become root there.
        HandsError: the director cannot be asked.
    """
    try:
        channel = await transport.open(act(), elevated=False, timeout=timeout)
        uid = (await channel.ask("uid", timeout=timeout)).section("uid")
        if uid is not None and uid.status == 0 and uid.body.strip() == b"0":
            return DirectorHands(name, channel, timeout=timeout)
        await channel.close()
        if privilege in (PrivilegeChoice.NONE, PrivilegeChoice.ROOT):
            raise NoPrivilegeError(f"the login on {name} is not root, and the cluster file says privilege: {privilege}")
        channel = await transport.open(act(), elevated=True, timeout=timeout)
        return DirectorHands(name, channel, elevated=True, timeout=timeout)
    except TransportError as error:
        kind = NoPrivilegeError if error.fault.kind is FaultKind.FORBIDDEN else HandsError
        raise kind(f"{name} cannot be changed: {error}") from error
