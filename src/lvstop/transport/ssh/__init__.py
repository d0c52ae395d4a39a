"""SSH to a director. The only package that imports asyncssh (200 ms: import it late)."""

from lvstop.transport.ssh.keys import SecretPrompt, UnlockedKeys
from lvstop.transport.ssh.transport import SshTransport
from lvstop.transport.ssh.trust import TrustPrompt, UnknownHostKey

__all__ = ["SecretPrompt", "SshTransport", "TrustPrompt", "UnknownHostKey", "UnlockedKeys"]
