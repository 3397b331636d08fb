"""Keys of age (https://age-encryption.org): to whom a copy is encrypted, and with what it is read. None is ever kept in a vault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyrage

from lookervault_core.errors import ConfigurationError
from lookervault_core.inert import for_line

Recipient = pyrage.x25519.Recipient | pyrage.ssh.Recipient
Identity = pyrage.x25519.Identity | pyrage.ssh.Identity


def recipients(words: Iterable[str]) -> dict[str, Recipient]:
    """Return the recipients by their text: `age1…`, `ssh-ed25519 …`, `ssh-rsa …`, or a file with one a line."""
    return {text: _recipient(text) for word in words for text in _listed(word)}


def _listed(word: str) -> Iterator[str]:
    if word.upper().startswith("AGE-SECRET-KEY-"):
        raise ConfigurationError(
            "recipients: an identity was given, which is secret; `age-keygen -y FILE` prints its recipient"
        )
    if word.startswith(("age1", "ssh-")):
        return iter([word.strip()])
    return _lines(Path(word), "recipients: neither a recipient (age1…, ssh-ed25519 …) nor a file that can be read")


def _lines(path: Path, complaint: str) -> Iterator[str]:
    try:
        lines = path.expanduser().read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{complaint}: {for_line(str(path))[:80]}") from None
    return (line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _recipient(text: str) -> Recipient:
    try:
        return (
            pyrage.ssh.Recipient.from_str(text) if text.startswith("ssh-") else pyrage.x25519.Recipient.from_str(text)
        )
    except pyrage.RecipientError:
        raise ConfigurationError(f"recipients: {for_line(text)[:80]!r} is none of age or SSH; correct it") from None


def identities(path: Path | None) -> Sequence[Identity]:
    """Return the identities (secret keys) in the file at *path*, as `age-keygen` or `ssh-keygen` writes it; none for None."""
    if path is None:
        return ()
    complaint = "identity: there is no file that can be read at"
    try:
        text = "\n".join(_lines(path, complaint))
        if "OPENSSH PRIVATE KEY" in text or "RSA PRIVATE KEY" in text:
            return (pyrage.ssh.Identity.from_buffer(path.expanduser().read_bytes()),)
        found = tuple(pyrage.x25519.Identity.from_str(line) for line in text.splitlines())
    except pyrage.IdentityError:
        raise ConfigurationError(f"identity: {path} holds no identity of age (AGE-SECRET-KEY-1…) or OpenSSH") from None
    if not found:
        raise ConfigurationError(f"identity: {path} is empty; `age-keygen -o FILE` makes one")
    return found
