"""`lvstop status` is a view as well: it shows a lever until it is released."""

import json

from lvstop.cli import json_report, text_report
from support.factories import NOW, backup, cluster, master
from support.failover_factories import failover

HELD = cluster(master(changes=(), failovers=(failover(),)), backup(changes=(), failovers=(failover(),)))


def test_a_lever_that_is_held_is_told() -> None:
    """What moved whereto, by which lever, who holds it, since when and why."""
    document = json.loads(json.dumps(json_report.report([HELD], generated_at=NOW)))
    (told,) = document["clusters"]
    assert told["failovers"] == [
        {
            "id": "20261122T140211Z-ab12",
            "phase": "held",
            "lever": "track-file",
            "source": "keepalived1",
            "target": "keepalived2",
            "instances": ["SMB"],
            "vips": ["172.26.127.20"],
            "author": "ops@desk",
            "at": "2026-11-22T14:02:11.000Z",
            "reason": "kernel update",
        }
    ]


def test_a_held_lever_is_told_with_its_way_out() -> None:
    """Who moved what whereto, and how it is released."""
    lines = text_report.report(HELD).splitlines()
    place = next(number for number, line in enumerate(lines) if "· failover-held" in line)
    assert "SMB was moved from keepalived1 to keepalived2 by ops@desk" in lines[place]
    assert "`lvstop failover smb --release` releases it." in lines[place + 1]
