"""What the help of several commands says alike, and the manual page with it."""

from lvstop.cli.parser import Section

EXIT_CHANGE = Section(
    "Exit status",
    (
        ("0", "done, and read back from every director"),
        ("1", "refused: the reasons are printed, and nothing was touched"),
        ("2", "wrong usage, or a cluster file that cannot be used"),
        ("3", "failed, and everything is as it was"),
        ("4", "incomplete: what stands where, and what to do, is printed"),
        ("130", "interrupted with Ctrl-C"),
    ),
    "With --dry-run: 0 it could be done, 1 it would be refused.",
)

EXIT_LOOK = Section(
    "Exit status",
    (
        ("0", "ok"),
        ("1", "warning"),
        ("2", "critical"),
        ("3", "unknown: a cluster cannot be judged, or the command was wrong"),
    ),
    "As monitoring plugins have it. Of several clusters the worst counts: critical, then unknown, then warning.",
)

EXIT_CHECK = Section(
    "Exit status",
    (
        ("0", "all is well"),
        ("1", "something could be better"),
        ("2", "something does not work"),
        ("3", "a director cannot be examined, or the command was wrong"),
    ),
)

EXIT_STATUSES = Section(
    "Exit status",
    (
        ("status", "0 ok, 1 warning, 2 critical, 3 unknown"),
        ("check", "0 all is well, 1 could be better, 2 does not work, 3 cannot be examined"),
        (
            "drain, restore, weight, resume, failover",
            "0 done and verified, 1 refused, 2 usage, 3 failed and undone, 4 incomplete",
        ),
        ("init", "0 written and all is well, 1 refused, 2 usage, 4 written, and something does not work"),
    ),
    "130 where it was interrupted with Ctrl-C; else, by command:",
)

ROWS = Section(
    "Which rows",
    (
        ("172.26.127.21", "this real server in all virtual servers, on all ports"),
        ("172.26.127.21:445", "on this port only; an IPv6 address is written [2001:db8::21]:445"),
        ("--virtual-server VS", "in this virtual server only: TCP:172.26.127.20:445, TCP:[2001:db8::10]:80, FWM:7 or "
         "FWM:7:inet6"),
    ),
    "The rows that this comes to are listed before anything happens.",
)  # fmt: skip

ENVIRONMENT = Section(
    "Environment",
    (
        ("XDG_CONFIG_HOME", "where lvstop/ with the operator's files is (default: ~/.config)"),
        ("XDG_STATE_HOME", "where lvstop/ with records and the audit is (default: ~/.local/state)"),
        ("SSH_AUTH_SOCK", "the SSH agent, whose keys are offered"),
        ("NO_COLOR", "if set, no colours: every state has a sign or a word as well"),
    ),
)

FILES = Section(
    "Files",
    (
        ("~/.config/lvstop/clusters/*.yaml", "a file for each cluster, unless files are given with -c"),
        ("~/.config/lvstop/config.yaml", "settings of the terminal: theme, keymap, columns, alarms, on_alert"),
        ("~/.config/lvstop/themes/*.yaml", "the operator's own themes"),
        ("~/.local/state/lvstop/audit.jsonl", "what was changed, before and after, a JSON document a line"),
        ("~/.local/state/lvstop/changes/", "changes and failovers on record on this machine"),
        ("~/.ssh/config, ~/.ssh/known_hosts", "how directors are reached; their host keys are checked strictly"),
        ("/var/lib/lvstop/changes/", "on a director: what was changed and may have to be undone"),
        ("/run/lvstop/", "on a director: the lock that is held while something is changed"),
    ),
)
