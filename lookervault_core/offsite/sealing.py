"""From the bytes of a vault to those in the store, and back: zstd, then age if there are recipients. As `zstd | age` would.

Both ways are streams: whatever the size of a vault, a few megabytes of it are in memory.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, BinaryIO

import pyrage
import zstandard

from lookervault_core.errors import OffsiteError
from lookervault_core.inert import for_line
from lookervault_core.offsite.keys import Identity, Recipient

CHUNK_BYTES = 4 << 20
_LEVEL = 1  # payloads are compressed already: level 3 takes three times as long for 3 % less


class Garbled(Exception):
    """Bytes that neither age nor zstd has written."""


class Tally:
    """Counts and hashes the bytes that are passed to it."""

    def __init__(self) -> None:
        self.size = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        self.size += len(data)
        self._hash.update(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def sealed(source: BinaryIO, recipients: Sequence[Recipient], stored: Tally) -> Generator[bytes]:
    """Yield the bytes to store for *source*, which a thread compresses and encrypts meanwhile.

    Errors of the thread are raised here: if the iterator ends without one, all bytes have come."""
    read_end, write_end = os.pipe()
    with ThreadPoolExecutor(1) as pool, open(read_end, "rb") as pipe:
        sealing = pool.submit(_seal, source, write_end, recipients)
        while piece := pipe.read(CHUNK_BYTES):
            stored.add(piece)
            yield piece
        sealing.result()


def _seal(source: BinaryIO, write_end: int, recipients: Sequence[Recipient]) -> None:
    with io.BufferedWriter(io.FileIO(write_end, "wb"), CHUNK_BYTES) as pipe:
        # With a thread of its own zstd works while age does.
        compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, threads=1)
        compressed: Any = compressor.stream_reader(source, read_size=CHUNK_BYTES)
        try:
            if recipients:
                pyrage.encrypt_io(compressed, pipe, list(recipients))
            else:
                shutil.copyfileobj(compressed, pipe, CHUNK_BYTES)
        except pyrage.EncryptError as exc:
            raise OffsiteError(f"the vault could not be encrypted ({for_line(str(exc))[:200]}); push again") from exc
    if source.read(1):  # pyrage takes no notice of a writer that fails
        raise OffsiteError("the vault was not sealed to its end; push again")


class _Pieces:
    """What is read of the store, as a file; it is counted and hashed."""

    def __init__(self, pieces: Iterator[bytes], tally: Tally) -> None:
        self._pieces, self._tally, self._left = pieces, tally, memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        if not self._left:
            piece = next(self._pieces, b"")
            self._tally.add(piece)
            self._left = memoryview(piece)
        size = len(self._left) if size < 0 else size
        data, self._left = bytes(self._left[:size]), self._left[size:]
        return data

    def drain(self) -> None:
        """Count the rest too."""
        for piece in self._pieces:
            self._tally.add(piece)


class _Target:
    """Where a vault is written to, or only counted. `error` is what writing raised: pyrage's own errors are OSErrors too."""

    def __init__(self, file: BinaryIO | None) -> None:
        self._file = file
        self.size = 0
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        self.size += len(data)
        if self._file:
            try:
                self._file.write(data)
            except OSError as exc:
                self.error = exc
                raise
        return len(data)

    def flush(self) -> None:
        """Do nothing: who gave the file flushes it."""


def unseal(pieces: Iterable[bytes], file: BinaryIO | None, identities: Sequence[Identity], stored: Tally) -> int:
    """Decrypt and unpack *pieces* into *file*, if there is one, and return the size of the vault in bytes.

    Raises Garbled if age or zstd did not write them; to know that they are the pushed bytes, compare the tally *stored*.
    """
    target = _Target(file)
    source: Any = _Pieces(iter(pieces), stored)  # to pyrage and zstandard whatever reads or writes is a file
    unpacked: Any = zstandard.ZstdDecompressor().stream_writer(target, closefd=False)  # ty: ignore[invalid-argument-type]
    with closing(unpacked) as out:
        try:
            if identities:
                pyrage.decrypt_io(source, out, list(identities))
            else:
                shutil.copyfileobj(source, out, CHUNK_BYTES)
        except (pyrage.DecryptError, zstandard.ZstdError, OSError) as exc:
            if target.error:
                raise target.error from exc
            raise Garbled from exc
        finally:
            source.drain()
    return target.size
