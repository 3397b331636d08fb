"""Check the write-ahead log of a vault. SQLite silently ignores everything after a damaged frame.

The format is that of https://sqlite.org/fileformat2.html#the_write_ahead_log: a header of 32 bytes and frames of 24 bytes and a
page each, chained by checksums. A frame with the salts of the header belongs to this log and not to one before it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_MAGIC = 0x377F0682


class _Frame(NamedTuple):
    commits: bool
    is_chained: bool


def damage(path: Path) -> str | None:
    """Return what is wrong with the log of the vault at *path*, namely that a committed transaction cannot be read; else None.

    Frames without a commit after them are what a killed writer leaves; SQLite rightly forgets them.
    """
    log = _read(path)
    found = _judged(log) if log else None
    return found if _read(path) == log else None  # somebody writes to it just now


def _read(path: Path) -> bytes:
    try:
        return Path(f"{path}-wal").read_bytes()
    except FileNotFoundError:
        return b""


def _judged(log: bytes) -> str | None:
    frames = list(_frames(log))
    lost = [frame for frame in frames if not frame.is_chained and frame.commits]
    if lost:
        return f"the write-ahead log is damaged: what its last {len(lost)} transactions wrote cannot be read"
    return None if _is_header(log) else "the write-ahead log is damaged: nothing in it can be read"


def _frames(log: bytes) -> Iterator[_Frame]:
    """Yield the frames that belong to this log, in order; none is chained after one that is not."""
    if len(log) < _HEADER.size:
        return
    magic, _, size, _, *salts, first, second = _HEADER.unpack_from(log)
    order = ">" if magic & 1 else "<"
    whole, sums = _is_header(log), (first, second)
    for at in range(_HEADER.size, len(log) - _FRAME.size - size + 1, _FRAME.size + size):
        _, pages, *found, one, two = _FRAME.unpack_from(log, at)
        if found != salts:
            whole = False
            if found[0] == salts[0] or found[1] == salts[1]:  # those of an earlier log differ in both
                yield _Frame(pages > 0, is_chained=False)
            continue
        sums = _sum(order, log[at : at + 8] + log[at + _FRAME.size : at + _FRAME.size + size], sums)
        whole = whole and sums == (one, two)
        yield _Frame(pages > 0, whole)


def _is_header(log: bytes) -> bool:
    if len(log) < _HEADER.size:
        return False
    magic, _, size, *_, first, second = _HEADER.unpack_from(log)
    order = ">" if magic & 1 else "<"
    return magic & ~1 == _MAGIC and size >= 512 and _sum(order, log[:24], (0, 0)) == (first, second)


def _sum(order: str, data: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for x, y in zip(words[::2], words[1::2], strict=True):
        one = (one + x + two) & 0xFFFFFFFF
        two = (two + y + one) & 0xFFFFFFFF
    return one, two
