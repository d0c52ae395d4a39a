"""The keys of the table, and what it says of itself."""

from textual.binding import Binding, BindingType

HELP = """\
## The table

One line per **virtual server**, and below it its **real servers**, as the kernel of the director has them that holds
the VIP. The last column says what the other director has in the same row: `same`, or what differs (`≠`): after a
failover that would be true.

- `–` is *unknown*, never 0: the director did not answer, or your login may not read it.
- **WEIGHT** `3→0`: keepalived wrote 3, somebody set 0. `gone`: keepalived's check took the real server out.
- **ACTIVE** counts established connections; **INACT** all others, which end by timeout.
- **SHARE/DUE** `60/50 %`: gets 60 % of the virtual server, scheduler and weights would give it 50 %.

Filter words: addresses, ports, marks, schedulers, `drained`, `down`, `drift`, `absent`, `empty`, `sorry`.
"""

BINDINGS: list[BindingType] = [
    Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
    Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
    Binding("pageup", "page(-1)", "Page up", show=False, id="table.page-up"),
    Binding("pagedown", "page(1)", "Page down", show=False, id="table.page-down"),
    Binding("home", "edge(-1)", "First row", show=False, id="table.first"),
    Binding("end", "edge(1)", "Last row", show=False, id="table.last"),
    Binding("left", "sideways(-8)", "Scroll left", show=False, id="table.left"),
    Binding("right", "sideways(8)", "Scroll right", show=False, id="table.right"),
    Binding("enter", "open", "Detail", tooltip="History and settings of this row", id="table.open"),
    Binding(
        "space",
        "fold",
        "Fold",
        tooltip="Hide or show the real servers of this virtual server",
        show=False,
        id="table.fold",
    ),
    Binding("minus", "fold_all", "Fold all", tooltip="Show virtual servers only", show=False, id="table.fold-all"),
    Binding(
        "plus,equals_sign",
        "unfold_all",
        "Unfold all",
        tooltip="Show all real servers",
        show=False,
        id="table.unfold-all",
    ),
    Binding("less_than_sign,comma", "sort_by(-1)", "Sort by previous column", show=False, id="table.sort-previous"),
    Binding("greater_than_sign,full_stop", "sort_by(1)", "Sort by next column", show=False, id="table.sort-next"),
    Binding("s", "sort_by(1)", "Sort", tooltip="Sort by the next column; , and . step, r turns round", id="table.sort"),
    Binding("r", "reverse", "Reverse", tooltip="Turn the sort order round", show=False, id="table.reverse"),
    Binding("f", "faults", "Faults", tooltip="Only rows that are out of the ordinary", id="table.faults"),
    Binding(
        "t",
        "follow",
        "Follow",
        tooltip="Keep the row under the cursor in sight while rows move",
        show=False,
        id="table.follow",
    ),
]
