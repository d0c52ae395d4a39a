"""keepalived on D-Bus, as `busctl` prints it (keepalived `vrrp_dbus.c`, interface org.keepalived.Vrrp1.Instance)."""

import re

from lvstop.model.vrrp import VrrpInstance, VrrpSource, VrrpState
from lvstop.probe.parse import Parsed
from lvstop.probe.parse.issues import IssueLog

_PATH = re.compile(r"/org/keepalived/Vrrp1(?:/[^/]+)*/Instance/([^/]+)/(\d{1,3})/(IPv4|IPv6)", re.ASCII)
_NAME = re.compile(r'\(s\) "(.*)"')
_STATE = re.compile(r'\(us\) (\d{1,5}) ".*"', re.ASCII)
_STATES = {
    0: VrrpState.INIT,
    1: VrrpState.BACKUP,
    2: VrrpState.MASTER,
    3: VrrpState.FAULT,
    97: VrrpState.DELETED,
    98: VrrpState.STOP,
}


def parse_busctl_state(path: str, name_text: str, state_text: str) -> Parsed[VrrpInstance | None]:
    """One instance from its object path and its two properties, `(s) "SMB"` and `(us) 2 "Master"`.

    The bus tells neither priorities nor addresses. Its paths spell every character of an interface that is no letter or
    digit as `_`, so an interface with a `_` stays unknown.
    """
    log = IssueLog("busctl")
    place, name, state = _PATH.fullmatch(path.strip()), _NAME.fullmatch(name_text.strip()), None
    number = _STATE.fullmatch(state_text.strip())
    if number is not None:
        state = _STATES.get(int(number[1]))
    if place is None or int(place[2]) > 255:
        log.add(0, path, "expected …/Instance/INTERFACE/VRID/FAMILY")
        return Parsed(None, log.result())
    if name is None:
        log.add(0, name_text, 'expected (s) "NAME"')
    if state is None:
        log.add(0, state_text, 'expected (us) NUMBER "STATE"')
    instance = VrrpInstance(
        name=None if name is None else name[1],
        state=state,
        source=VrrpSource.DBUS,
        vips=(),
        vrid=int(place[2]),
        interface=None if "_" in place[1] else place[1],
    )
    return Parsed(instance, log.result())
