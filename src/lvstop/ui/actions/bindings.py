"""The keys that change something. They are the same on every screen that has real servers."""

from textual.binding import Binding, BindingType

from lvstop.ui.failover.screen import failover_binding

HELP = """\
## Changing weights

Nothing is changed without a question, and the question has the focus on *Cancel*. A key is about the real server under
the cursor, or about the marked ones (`m`, in the cluster's table) where there are any.

- `d` **drains**: weight 0 on every director, so that it gets no new connections and keeps those it has. `D` does so in
  all virtual servers that have this real server. Then the drain is followed until it is safe to stop.
- `w` asks for a **weight**: `5`, `+1`, `-1`, `50%`. `R` **restores** what a drained real server had before.
- `b` is the **maintenance board**: what is drained, by whom, since when, why, and what was left unfinished.
- As in HATop: `F4` and `F9` restore, `F5` to `F8` add −10, −1, +1, +10, `F10` drains.

Where the first line says *READ-ONLY* these keys do nothing.
"""

CHANGING = frozenset({"drain", "drain_everywhere", "weight", "add_weight", "restore"})
"""Actions that ask for a change; in read-only mode there are none."""

BINDINGS: list[BindingType] = [
    Binding("d,f10", "drain", "Drain", tooltip="No new connections for it, on every director", id="change.drain"),
    Binding(
        "D",
        "drain_everywhere",
        "Drain everywhere",
        tooltip="Drain this real server in all its virtual servers",
        show=False,
        id="change.drain-everywhere",
    ),
    Binding("w", "weight", "Weight", tooltip="Give it another weight", id="change.weight"),
    Binding("R,f4,f9", "restore", "Restore", tooltip="The weight it had before its drain", id="change.restore"),
    Binding("f5", "add_weight(-10)", "Weight −10", show=False, id="change.minus-ten"),
    Binding("f6", "add_weight(-1)", "Weight −1", show=False, id="change.minus-one"),
    Binding("f7", "add_weight(1)", "Weight +1", show=False, id="change.plus-one"),
    Binding("f8", "add_weight(10)", "Weight +10", show=False, id="change.plus-ten"),
    Binding("b", "board", "Board", tooltip="Maintenance: what is drained, by whom, why", id="change.board"),
    failover_binding(),
]
