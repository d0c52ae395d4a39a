"""`lvstop init local …`: the first meeting on a director itself."""

from pathlib import Path

from lvstop.config.load import load_cluster_file
from support.meeting import SECOND, meeting


async def test_this_machine_and_its_peer(tmp_path: Path) -> None:
    """No login, no host key and no jump host for itself, and its peer over SSH."""
    folder = tmp_path / "demo"
    folder.mkdir()
    async with meeting(folder) as met:
        met.know(met.lines())
        assert await met.init("local", SECOND, ask=False, name="here", jump="none") == 4
        (file,) = met.written()
        here, peer = load_cluster_file(file).directors
        assert (here.host, here.user, here.port, here.jump) == ("local", None, None, None)
        assert (peer.host, peer.user, peer.jump) == (SECOND, met.user, "none")
        assert "(local)" in met.said
