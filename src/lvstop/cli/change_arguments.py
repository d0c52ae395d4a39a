"""Arguments of the commands that change a cluster: drain, restore, weight, resume. Imports nothing that reads one."""

import argparse
from datetime import UTC, datetime, timedelta

from lvstop.cli.command_arguments import (
    AddFiles,
    Commands,
    add_asking,
    add_look_timeout,
    add_new_command,
    parse_seconds,
)
from lvstop.cli.failover_arguments import add_accept, add_report
from lvstop.cli.parser import Section
from lvstop.cli.topics import EXIT_CHANGE, ROWS

COMMANDS = ("drain", "restore", "weight", "resume")

_DRAIN_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop drain smb 172.26.127.21 --dry-run", "what would be done where, how long it would hold, and why"),
        ("lvstop drain smb 172.26.127.21", "ask, then drain it on both directors, in every virtual server"),
        (
            "lvstop drain smb 172.26.127.21 --wait --timeout 30m --reason 'kernel update'",
            "and follow it until it may be stopped",
        ),
        (
            "lvstop drain smb 172.26.127.21 --yes --wait && ssh root@172.26.127.21 reboot",
            "in a script: the reboot comes only when it is safe",
        ),
    ),
)
_WAIT_EXITS = Section(
    "With --wait",
    (
        ("0", "it is drained, and nothing needs it any more"),
        ("4", "the drain was undone by somebody, or the time is over: it may still have connections"),
        ("130", "Ctrl-C: it stays drained, and only the following ends"),
    ),
)
_RESTORE_EXAMPLES = Section("Examples", (("lvstop restore smb 172.26.127.21", "on both directors, after a question"),))
_WEIGHT_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop weight smb 172.26.127.21 50%", "half of its configured weight, in every virtual server"),
        ("lvstop weight smb 172.26.127.21:445 -1 --dry-run", "what would be done"),
    ),
)
_RESUME_EXAMPLES = Section(
    "Examples",
    (
        ("lvstop resume smb --undo --dry-run", "what there is to be put back, and how"),
        ("lvstop resume smb 20261122T135311Z-cd34 --finish", "this one of several"),
    ),
)


def add_change_commands(commands: Commands, add_files: AddFiles) -> None:
    """Add the commands. `add_files` gives a parser the option for cluster files."""
    _add_drain(commands, add_files)
    _add_restore(commands, add_files)
    _add_weight(commands, add_files)
    _add_resume(commands, add_files)


def _add_drain(commands: Commands, add_files: AddFiles) -> None:
    parser = add_new_command(
        commands,
        "drain",
        "take a real server out of service: no new connections, and those it has go on",
        (
            "Takes a real server out of service on every director: its weight becomes 0, so that it gets no new "
            "connections and keeps those that it has. The weights that it had are remembered until `lvstop restore`, "
            "whoever types that, on whichever machine.",
            "First comes a plan: each row with its weight before and after on each director, the exact commands, how "
            "long it will hold, what the schedulers will give to whom. Then you are asked. All directors are changed, "
            "or none.",
        ),
        (ROWS, EXIT_CHANGE, _WAIT_EXITS, _DRAIN_EXAMPLES),
    )
    _add_rows(parser)
    parser.add_argument(
        "--lever",
        choices=("ipvsadm", "track-file"),
        help="what sets the weight: track-file lasts, and needs a FILE_CHECK in keepalived.conf; ipvsadm is lost when "
        "keepalived writes the row again (default: the one that lasts longest)",
    )
    parser.add_argument(
        "--wait", action="store_true", help="then follow it until the real server may be stopped; see With --wait"
    )
    parser.add_argument(
        "--timeout", type=parse_seconds, metavar="TIME", help="how long to wait: 90s, 10m, 2h (default: 10m)"
    )
    parser.add_argument(
        "--until",
        type=_until,
        metavar="WHEN",
        help="when you mean to restore it: a length of time (30m, 2h, 1d) or a moment in UTC (2026-11-22T18:00); it "
        "reminds whoever looks, and never acts",
    )
    _add_common(parser, add_files)


def _add_restore(commands: Commands, add_files: AddFiles) -> None:
    parser = add_new_command(
        commands,
        "restore",
        "give a drained real server the weights back that it had",
        ("Undoes a drain on every director, by the lever that it was made with, also where a colleague made it.",),
        (ROWS, EXIT_CHANGE, _RESTORE_EXAMPLES),
    )
    _add_rows(parser)
    _add_common(parser, add_files)


def _add_weight(commands: Commands, add_files: AddFiles) -> None:
    parser = add_new_command(
        commands,
        "weight",
        "give a real server another weight",
        (
            "Sets the weight of a real server on every director, or changes it. keepalived does not know of it: it is "
            "lost when keepalived writes the row again, and the plan says when that is.",
        ),
        (ROWS, EXIT_CHANGE, _WEIGHT_EXAMPLES),
    )
    _add_rows(parser)
    parser.add_argument(
        "weight",
        metavar="WEIGHT",
        help="5 sets it (0 to 65535), +5 and -5 add to it, 50%% is that much of what keepalived means it to be",
    )
    _add_common(parser, add_files)


def _add_resume(commands: Commands, add_files: AddFiles) -> None:
    parser = add_new_command(
        commands,
        "resume",
        "finish or undo a change or a failover that was interrupted",
        (
            "A change or a failover that was interrupted, by a kill or by a connection that was lost, stays on record, "
            "on your machine and on the directors, and `lvstop status` tells of it. This finishes it, or puts back all "
            "that it may have done; a failover's lever is released.",
        ),
        (EXIT_CHANGE, _RESUME_EXAMPLES),
    )
    parser.add_argument("cluster", metavar="CLUSTER", help="the cluster's name")
    parser.add_argument("id", metavar="ID", nargs="?", help="which change; needed only where there are several")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--finish", action="store_true", help="do what is left to do")
    way.add_argument("--undo", action="store_true", help="put everything back")
    add_accept(parser)
    add_report(parser)
    _add_common(parser, add_files)


def _add_rows(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("cluster", metavar="CLUSTER", help="the cluster's name")
    parser.add_argument(
        "real_server", metavar="REAL_SERVER[:PORT]", help="the address of the real server; see Which rows"
    )
    parser.add_argument("--virtual-server", metavar="VS", help="only in this virtual server; see Which rows")


def _add_common(parser: argparse.ArgumentParser, add_files: AddFiles) -> None:
    add_files(parser)
    parser.add_argument("--reason", metavar="TEXT", default="", help="kept with the change and in the audit")
    parser.add_argument(
        "--force",
        action="store_true",
        help="insist where a guard refuses and may be overridden; needs --reason, and is written into the audit",
    )
    add_asking(parser)
    add_look_timeout(parser)


def check_change_arguments(options: argparse.Namespace) -> None:
    """Complain, as argparse does, of arguments that do not go together."""
    parser: argparse.ArgumentParser = options.parser
    if options.force and not options.reason.strip():
        parser.error("--force needs --reason TEXT: why you insist is written into the audit")
    if options.command == "drain" and options.timeout is not None and not options.wait:
        parser.error("--timeout is about --wait")


def _until(text: str) -> timedelta | datetime:
    """A length of time from now, or a moment; without an offset it is UTC, as are all moments that lvstop shows."""
    from lvstop.actions.entries import parse_span

    try:
        span = parse_span(text)
        if span is not None:
            return span
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is neither a length of time (30m, 2h, 1d) nor a moment (2026-11-22T18:00)"
        raise argparse.ArgumentTypeError(message) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
