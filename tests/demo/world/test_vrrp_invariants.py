"""Whatever happens to a pair with a sync group: its instances stay together, and a whole pair finds one master."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lvstop.demo.world.world import World
from lvstop.model.vrrp import VrrpState
from support.worlds import MAINTENANCE, SYNC, states, wait, world

GROUP = f"""
    track_files:
      - {{name: maintenance, path: {MAINTENANCE}, weight: 0, initial: 0}}
    instances:
      - name: A
        vrid: 1
        interface: ens4
        priority: [150, 100]
        preempt: PREEMPT
        preempt_delay: DELAY
        vips: [10.0.0.10/24 dev ens3]
        track_files: [maintenance]
        track_interfaces: [ens3]
      - {{name: V, vrid: 2, interface: ens4, priority: [150, 100], vips: [10.0.0.110/24 dev ens3]}}
    sync_groups:
      - {{name: G, instances: [A, V]}}
"""
TROUBLES = ("link", "file", "cable", "vrrp cable", "stop", "crash", "power", "reload")
HISTORY = st.lists(
    st.tuples(st.sampled_from(TROUBLES), st.sampled_from("ab"), st.floats(0.05, 12)),
    max_size=14,
)


def disturb(pair: World, what: str, name: str) -> None:
    """Break what is whole, mend what is broken."""
    director = pair.director(name)
    ens3, ens4 = director.host.interface("ens3"), director.host.interface("ens4")
    assert ens3 is not None
    assert ens4 is not None
    match what:
        case "link":
            (pair.cut_link if pair.link_up else pair.mend_link)()
        case "file":
            director.set_file(MAINTENANCE, "0\n" if director.read_file(MAINTENANCE) == "1\n" else "1\n")
        case "cable":
            director.set_interface("ens3", up=not ens3.up)
        case "vrrp cable":
            director.set_interface("ens4", up=not ens4.up)
        case "stop":
            (director.stop_keepalived if director.keepalived.running else director.start_keepalived)()
        case "crash":
            director.keepalived.kill()
        case "power":
            (director.kill if director.powered else director.boot)()
        case "reload":
            director.reload_keepalived()


def together(pair: World) -> None:
    """Members of a group that have settled have the same state, and it is the group's."""
    for director in pair.directors:
        for group in director.keepalived.groups:
            found = {each.state for each in group.instances}
            assert found == {group.state}
            working = not any(each.faults for each in group.instances)
            assert working is (group.state is not VrrpState.FAULT)
        if director.powered and director.keepalived.running:
            for instance in director.keepalived.instances:
                held = [director.host.interface_of(vip.address) is not None for vip in instance.conf.vips]
                assert all(held) is (instance.state is VrrpState.MASTER)
                assert any(held) is (instance.state is VrrpState.MASTER)


def mend(pair: World) -> None:
    pair.mend_link()
    for director in pair.directors:
        director.boot()
        director.set_file(MAINTENANCE, "0\n")
        for name in ("ens3", "ens4"):
            director.set_interface(name, up=True)
    wait(pair, 6)
    for director in pair.directors:
        director.start_keepalived()


@settings(max_examples=60)
@given(HISTORY)
@example([("file", "a", 1.0), ("stop", "a", 1.0), ("stop", "a", 5.0), ("file", "a", 9.0)])
@example([("cable", "b", 0.1), ("file", "b", 0.1), ("cable", "b", 8.0)])
@example([("vrrp cable", "a", 5.0), ("reload", "a", 1.0), ("vrrp cable", "a", 0.5)])
def test_a_group_stays_together_and_a_whole_pair_finds_its_master(history: list[tuple[str, str, float]]) -> None:
    pair = world(SYNC, GROUP.replace("PREEMPT", "true").replace("DELAY", "1s"))
    for what, name, seconds in history:
        disturb(pair, what, name)
        wait(pair, seconds)
        together(pair)
    mend(pair)
    wait(pair, 15)
    together(pair)
    assert states(pair, "A") == states(pair, "V") == (VrrpState.MASTER, VrrpState.BACKUP)


@settings(max_examples=30)
@given(HISTORY)
def test_without_preemption_there_is_one_master_whoever_it_is(history: list[tuple[str, str, float]]) -> None:
    text = GROUP.replace("PREEMPT", "false").replace("DELAY", "1s")
    pair = world(text.replace("{name: V,", "{name: V, preempt: false,"))
    for what, name, seconds in history:
        disturb(pair, what, name)
        wait(pair, seconds)
        together(pair)
    mend(pair)
    wait(pair, 15)
    together(pair)
    found = states(pair, "A")
    assert sorted(str(each) for each in found) == ["BACKUP", "MASTER"]
    assert states(pair, "V") == found
