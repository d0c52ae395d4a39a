"""keepalived.json, the answer to its JSON signal (vrrp_json.c of keepalived 2.2.7)."""

import json
from collections.abc import Sequence

from lvstop.demo.formats.keepalived_words import STATE_NUMBERS, Epoch, vip_words
from lvstop.demo.world.instance import Instance


def keepalived_json(instances: Sequence[Instance], epoch: Epoch) -> str:
    """All instances. Slashes are escaped, and the fields stand in keepalived's order."""
    text = json.dumps([_instance(each, epoch) for each in instances], separators=(",", ":"))
    return text.replace("/", "\\/") + "\n"


def _instance(instance: Instance, epoch: Epoch) -> dict[str, object]:
    return {"data": _data(instance, epoch), "stats": _stats(instance)}


def _data(instance: Instance, epoch: Epoch) -> dict[str, object]:
    conf = instance.conf
    interval = _number(conf.advert_interval)
    data: dict[str, object] = {
        "iname": conf.name,
        "dont_track_primary": 0,
        "skip_check_adv_addr": 0,
        "strict_mode": 0,
        "vmac_ifname": "",
        "ifp_ifname": conf.interface,
        "master_priority": instance.master_priority,
        "last_transition": round(epoch(instance.last_transition), 6),
        "garp_delay": int(conf.garp_delay),
        "garp_refresh": 0,
        "garp_rep": conf.garp_repeat,
        "garp_refresh_rep": 1,
        "garp_lower_prio_delay": int(conf.garp_delay),
        "garp_lower_prio_rep": conf.garp_repeat,
        "lower_prio_no_advert": 0,
        "higher_prio_send_advert": 0,
        "vrid": conf.vrid,
        "base_priority": conf.priority,
        "effective_priority": instance.effective_priority,
        "vipset": instance.vips_set,
        "promote_secondaries": False,
        "adver_int": interval,
        "master_adver_int": interval,
        "accept": 1,
        "nopreempt": not conf.preempt,
        "preempt_delay": _number(conf.preempt_delay),
        "state": STATE_NUMBERS[instance.state],
        "wantstate": STATE_NUMBERS[instance.wanted_state],
        "version": conf.version,
        "smtp_alert": False,
        "notify_deleted": False,
    }
    if conf.vips:
        data["vips"] = [vip_words(vip, is_set=instance.vips_set) for vip in conf.vips]
    if conf.track_interfaces:
        data["track_ifp"] = list(conf.track_interfaces)
    data["auth_type"] = 0 if conf.password is None else 1
    if conf.password is not None:
        data["auth_data"] = conf.password
    return data


def _stats(instance: Instance) -> dict[str, int]:
    return {
        "advert_rcvd": int(instance.adverts_received),
        "advert_sent": int(instance.adverts_sent),
        "become_master": instance.became_master,
        "release_master": instance.released_master,
        "packet_len_err": 0,
        "advert_interval_err": 0,
        "ip_ttl_err": 0,
        "invalid_type_rcvd": 0,
        "addr_list_err": 0,
        "invalid_authtype": 0,
        "authtype_mismatch": 0,
        "auth_failure": 0,
        "pri_zero_rcvd": instance.priority_zero_received,
        "pri_zero_sent": instance.priority_zero_sent,
    }


def _number(seconds: float) -> float:
    """`%g`: a whole number has no decimals."""
    return int(seconds) if seconds == int(seconds) else seconds
