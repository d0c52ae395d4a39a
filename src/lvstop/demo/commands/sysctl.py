"""`sysctl NAME…` of procps."""

from collections.abc import Sequence

from lvstop.demo.commands import Said
from lvstop.demo.director import Director


def run_sysctl(director: Director, names: Sequence[str]) -> Said:
    """Values, a line each; a name that this kernel does not have is complained about."""
    lines: list[str] = []
    status = 0
    for name in names:
        value = director.sysctls.get(name)
        if value is None:
            lines.append(f"sysctl: cannot stat /proc/sys/{name.replace('.', '/')}: No such file or directory\n")
            status = 1
        else:
            lines.append(f"{name} = {value}\n")
    return Said("".join(lines), status)
