"""Who may be granted what, and what is no key."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lvstop.actions import programs as changing
from lvstop.actions.rights.grant import Grant, GrantError, Role, parse_key
from lvstop.probe import programs as reading


def public(kind: str = "ssh-ed25519", comment: str = "ops@laptop") -> str:
    """A public key as ssh-keygen writes it."""
    name = kind.encode()
    blob = base64.b64encode(len(name).to_bytes(4, "big") + name + bytes(36)).decode()
    return f"{kind} {blob} {comment}".rstrip() + "\n"


def test_who_may_look_runs_nothing_that_changes() -> None:
    """The programs of the role are those that read, and sudo starts none but those."""
    grant = Grant(Role.NOC, "noc")
    assert set(grant.programs) == reading.catalogue()
    assert changing.act() not in grant.programs
    assert "act" not in grant.as_root
    assert set(grant.as_root) < {program.name for program in grant.programs}


def test_an_operator_runs_what_changes_as_well() -> None:
    """One program more."""
    grant = Grant(Role.OPERATOR, "ops", files=("/etc/keepalived/drain-rs2",))
    assert set(grant.programs) == reading.catalogue() | changing.catalogue()
    assert grant.as_root[-1] == "act"


@pytest.mark.parametrize("user", ["", "root", "Ops", "a b", "ops;id", "ALL", "%wheel", "-x", "ops\n", "a" * 33])
def test_names_that_are_none(user: str) -> None:
    """What sudoers would take for something else, and root."""
    with pytest.raises(GrantError):
        Grant(Role.NOC, user)


@pytest.mark.parametrize("path", ["drain", "", "/etc/../etc/shadow", "/etc/keepalived/a\nb"])
def test_files_that_are_none(path: str) -> None:
    """Absolute paths only, a line each."""
    with pytest.raises(GrantError, match="no absolute path"):
        Grant(Role.OPERATOR, "ops", files=(path,))


def test_a_watcher_is_granted_no_file() -> None:
    """There is nothing that he could do with it."""
    with pytest.raises(GrantError, match="changes no track file"):
        Grant(Role.NOC, "noc", files=("/etc/keepalived/drain",))


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "sk-ssh-ed25519@openssh.com"])
def test_keys(kind: str) -> None:
    """Whatever ssh-keygen makes."""
    text = public(kind)
    assert parse_key(text).text == text.strip()
    assert parse_key(public(kind, "")).comment == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "one line"),
        (public() + public(), "one line"),
        ('command="id" ' + public(), "no public key"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "private key"),
        ("ssh-ed25519 AAAA", "of the kind"),
        ("ssh-ed25519 AAA=A", "no public key"),
        (public().replace("ssh-ed25519", "ssh-rsa"), "of the kind"),
    ],
)
def test_what_is_no_key(text: str, said: str) -> None:
    """Least of all one that brings options of its own."""
    with pytest.raises(GrantError, match=said):
        parse_key(text)


@given(st.text())
def test_any_text_is_a_key_or_an_error(text: str) -> None:
    """And a key stays one line."""
    try:
        key = parse_key(text)
    except GrantError:
        return
    assert key.text.isprintable()
