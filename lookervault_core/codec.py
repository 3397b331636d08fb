"""What happens to bytes between the wire and the disk: split, hash, compress, compare.

A payload is never re-encoded on its way to the disk. Only comparing decodes it, and numbers are compared by value: `1.10` is
`1.1`, and integers beyond 64 bits keep every digit.

Volatile fields are named by paths below the payload: `dashboard_elements.can` is left out of every element, and the rows of
`permissions[]` may come in any order. Every other difference counts."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Generator, Iterator, MutableMapping
from contextlib import contextmanager
from functools import lru_cache

import msgspec
import zstandard

from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.values import number

COMPRESSION_LEVEL = (
    3  # 12 % of a 40 KB dashboard in 0.05 ms; level 1 saves 0.01 ms and costs 5 % more disk, 5 costs 0.1 ms
)

_per_thread = threading.local()  # a zstd context must not be used by two threads at once


class Sealed(msgspec.Struct, frozen=True):
    """A payload as stored. `size` is the payload's own length; `data` holds it compressed."""

    sha256: bytes
    size: int
    data: bytes


# What decoders raise for bytes that are no JSON, or nest so deep that nothing can read them.
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Nothing that Looker sends or an export holds is larger: a page of 100 dashboards has some 4 MB, the longest known answer a few
# dozen. What is larger is not read into memory.
LARGEST = 256 << 20
ANY_ORDER = "[]"
_BLANKS = b" \t\r\n"
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_page_decoder = msgspec.json.Decoder(list[msgspec.Raw])
_value_decoder = msgspec.json.Decoder(float_hook=number)
_sorted_encoder = msgspec.json.Encoder(order="sorted")


def split(page: bytes) -> list[msgspec.Raw]:
    """Return the items of *page*, a JSON array, undecoded: `bytes(item)` is what Looker sent, byte for byte.

    The items are views that keep *page* alive. Raises CodecError if *page* is cut short, no array, or followed by more.
    """
    with _decoding("page"):
        return _page_decoder.decode(page)


def digest(payload: bytes) -> bytes:
    """Return the SHA-256 of *payload*: 32 bytes, the address of its blob."""
    return hashlib.sha256(payload).digest()


def seal(payload: bytes, sha256: bytes | None = None) -> Sealed:
    """Return *payload* compressed, addressed by the SHA-256 of its bytes. Any bytes will do; none is altered.

    *sha256* is the payload's digest where the caller has it already.
    """
    # What zstandard returns keeps the room of the worst case, which is that of the payload; a copy takes what it needs.
    data = bytes(memoryview(_compressor().compress(payload)))
    return Sealed(sha256 or digest(payload), len(payload), data)


def unseal(data: bytes, sha256: bytes, size: int) -> bytes:
    """Return the payload that `seal` was given. Raises BlobDamaged unless it is exactly that."""
    try:
        # The frame's own idea of its size decides how much memory zstd takes: a flipped bit there must not take it all.
        intact = zstandard.frame_content_size(data) == size
        payload = _decompressor().decompress(data) if intact else b""
    except zstandard.ZstdError as exc:
        raise BlobDamaged(f"blob {sha256.hex()} is damaged: {exc}") from exc
    if not intact or digest(payload) != sha256:
        raise BlobDamaged(f"blob {sha256.hex()} is damaged: its bytes do not match their SHA-256")
    return payload


def is_whole(data: bytes, sha256: bytes, size: int) -> bool:
    """Return whether `unseal` would return the payload."""
    try:
        unseal(data, sha256, size)
    except BlobDamaged:
        return False
    return True


LARGE = 4096


def packed(payload: bytes) -> bytes | Sealed:
    """Return a payload as it is kept in memory: a large one compressed, which takes an eighth of the room."""
    return payload if len(payload) < LARGE else seal(payload)


def unpacked(kept: bytes | Sealed) -> bytes:
    """Return the payload that `packed` was given."""
    return _decompressor().decompress(kept.data) if isinstance(kept, Sealed) else kept


class Packed(MutableMapping[str, bytes]):
    """Payloads by id, kept as `packed` makes them. Not to be written to by two threads at once."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes | Sealed] = {}

    def __getitem__(self, key: str) -> bytes:
        return unpacked(self._kept[key])

    def __setitem__(self, key: str, payload: bytes) -> None:
        self._kept[key] = packed(payload)

    def __delitem__(self, key: str) -> None:
        del self._kept[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: object) -> bool:
        return key in self._kept


def canonical(payload: bytes, volatile: frozenset[str] = frozenset()) -> bytes:
    """Return *payload* in the one form that equal values share: keys sorted, no white space, without what the paths *volatile*
    name, the order of arrays kept unless they name it.

    A key named twice counts once, with its last value. Raises CodecError if *payload* is not one JSON value.
    """
    with _decoding("payload"):
        return _sorted_encoder.encode(_without(_value_decoder.decode(payload), volatile))


def same_but_for(a: bytes, b: bytes, volatile: frozenset[str]) -> bool:
    """Return whether *a* and *b* have the same canonical form, by decoding only where their bytes differ.

    Raises CodecError if what differs is not JSON.
    """
    a, b = a.strip(_BLANKS), b.strip(_BLANKS)
    if a == b:
        return True
    if a[:1] == b[:1] == b"{":
        return _same_members(a, b, volatile)
    if a[:1] == b[:1] == b"[":
        return _same_elements(a, b, volatile)
    return canonical(a) == canonical(b)


def same_payload(a: bytes, b: bytes, volatile: frozenset[str]) -> bool:
    """Return whether two payloads are equal but for the paths *volatile*; the rows of a payload that is a list may be in any order.

    Looker sorts few of its lists, so a part whose rows have only changed places is no change. Inside an object order counts,
    unless a path of *volatile* names the list.
    """
    if same_but_for(a, b, volatile):
        return True
    if not (a.lstrip(_BLANKS)[:1] == b.lstrip(_BLANKS)[:1] == b"["):
        return False
    left, right = split(a), split(b)
    return len(left) == len(right) and _sorted(left, volatile) == _sorted(right, volatile)


def _sorted(rows: list[msgspec.Raw], volatile: frozenset[str]) -> list[bytes]:
    return sorted(canonical(bytes(row), volatile) for row in rows)


def _same_members(a: bytes, b: bytes, volatile: frozenset[str]) -> bool:
    with _decoding("payload"):
        left, right = _object_decoder.decode(a), _object_decoder.decode(b)
    keys = left.keys() - volatile
    return keys == right.keys() - volatile and all(
        same_but_for(bytes(left[key]), bytes(right[key]), below(volatile, key)) for key in keys
    )


def _same_elements(a: bytes, b: bytes, volatile: frozenset[str]) -> bool:
    left, right = split(a), split(b)
    if len(left) != len(right):
        return False
    inner = volatile - {ANY_ORDER}
    same = all(same_but_for(bytes(x), bytes(y), inner) for x, y in zip(left, right, strict=True))
    return same or (ANY_ORDER in volatile and _sorted(left, inner) == _sorted(right, inner))


def _without(value: object, volatile: frozenset[str]) -> object:
    if type(value) is dict:
        return {key: _without(child, below(volatile, key)) for key, child in value.items() if key not in volatile}
    if type(value) is list:
        rows = [_without(child, volatile - {ANY_ORDER}) for child in value]
        return sorted(rows, key=_sorted_encoder.encode) if ANY_ORDER in volatile else rows
    return value


@lru_cache(4096)
def below(paths: frozenset[str], key: str) -> frozenset[str]:
    """Return the rest of each path that leads below *key*: of `tiles.can` and `id`, below `tiles`, only `can`."""
    return frozenset(path[len(key) :].removeprefix(".") for path in paths if path.startswith((f"{key}.", f"{key}[")))


@contextmanager
def _decoding(what: str) -> Generator[None]:
    try:
        yield
    except NOT_JSON as exc:
        raise CodecError(f"this {what} is not the JSON that Looker should send: {exc}") from exc


def _compressor() -> zstandard.ZstdCompressor:
    if not hasattr(_per_thread, "compressor"):
        _per_thread.compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL)
    return _per_thread.compressor


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_per_thread, "decompressor"):
        _per_thread.decompressor = zstandard.ZstdDecompressor()
    return _per_thread.decompressor
