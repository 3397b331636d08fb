"""Signatures by the user's own key (Ed25519): whoever alters an entry cannot sign it without the key, which is in no vault."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from lookervault_core.errors import ConfigurationError


class Signer:
    """A secret key; `name` is its public half, in hex."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.name = key.public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Return the signature of *message* in hex."""
        return self._key.sign(message).hex()


def signer_at(path: Path) -> Signer:
    """Return the key in the file *path*; makes the file if it is missing. Raises ConfigurationError if the file holds no key."""
    path = path.expanduser()
    if not path.exists():
        with suppress(FileExistsError):  # another command has just made it
            _make(path)
    return _read(path)


def is_signed(message: bytes, signature: str, name: str) -> bool:
    """Return whether the key called *name* has signed *message*."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(name)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(path: Path) -> None:
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
    except FileExistsError:
        raise
    except OSError as exc:
        raise ConfigurationError(
            f"signing key {path}: {exc.strerror}; name another place with LOOKERVAULT_SIGNING_KEY"
        ) from exc


def _read(path: Path) -> Signer:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as exc:
        raise ConfigurationError(f"signing key {path}: it cannot be read as one ({type(exc).__name__})") from exc
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigurationError(f"signing key {path}: it is no Ed25519 key")
    return Signer(key)
