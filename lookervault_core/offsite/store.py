"""Where the copies are: an object store or a directory, by its address. The one place that knows obstore and its errors."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import msgspec
import obstore
from obstore import exceptions, store

from lookervault_core.errors import ConfigurationError, OffsiteError, OffsiteRefused
from lookervault_core.inert import for_line

SCHEMES = ("s3", "gs", "az", "file")
PART_BYTES = 8 << 20  # S3 takes 10,000 parts of an object: 80 GB
PARTS_AT_ONCE = 4
READ_BYTES = 16 << 20
_NOT_FOUND = "there is no such bucket, container or object"


class Patience(msgspec.Struct, frozen=True):
    """How often a request is tried, and for how long altogether."""

    attempts: int = 5
    deadline_s: float = 120.0


class Entry(NamedTuple):
    """One object: its path, size in bytes, and when it was written."""

    path: str
    size: int
    written_at: datetime


class Store:
    """The objects below one address. Everything raised is an OffsiteError, or FileNotFoundError for an object that is not there."""

    def __init__(self, url: str, patience: Patience = Patience()) -> None:  # noqa: B008 (frozen)
        """Open the address *url*. ConfigurationError for what is none."""
        self.url = checked(url)
        self._directory = _directory(self.url)
        with self._faults(""):
            self._objects = self._opened(patience)

    def _opened(self, patience: Patience) -> store.ObjectStore:
        if self._directory is not None:
            return store.LocalStore(self._directory, mkdir=True)
            # S3 wants a checksum of what goes into a bucket with object lock, and checks it in any.
        sums: dict[str, Any] = {"checksum_algorithm": "SHA256"} if self.url.startswith("s3:") else {}
        return store.from_url(
            self.url,
            client_options={"allow_http": True, "connect_timeout": "10s", "timeout": "600s"},
            retry_config={
                "max_retries": max(0, patience.attempts - 1),
                "retry_timeout": timedelta(seconds=patience.deadline_s),
            },
            **sums,
        )

    def where(self, path: str) -> str:
        return f"{self.url}/{path}"

    def create(self, path: str, data: bytes) -> bool:
        """Write *data* unless an object is at *path* already (`If-None-Match: *`); return whether it was written."""
        with self._faults(path, FileNotFoundError):
            try:
                obstore.put(self._objects, path, data, mode="create")
            except exceptions.AlreadyExistsError:
                # The answer to a request that went through may get lost, and its repetition then finds what it wrote itself.
                return self.get(path) == data
        return True

    def write(self, path: str, parts: Iterator[bytes]) -> None:
        """Write the bytes that *parts* yields as one object at *path*, which appears only when it is complete. An error raised by
        *parts* ends the write."""
        with self._faults(path, FileNotFoundError):
            obstore.put(self._objects, path, parts, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE)

    def get(self, path: str) -> bytes:
        with self._faults(path):
            return bytes(obstore.get(self._objects, path).bytes())

    def size(self, path: str) -> int:
        with self._faults(path):
            return obstore.head(self._objects, path)["size"]

    def read(self, path: str, size: int) -> Generator[bytes]:
        """Yield the *size* bytes of *path* in pieces, the next one being fetched meanwhile."""
        spans = [(start, min(READ_BYTES, size - start)) for start in range(0, size, READ_BYTES)]
        with ThreadPoolExecutor(1) as pool:
            coming = [pool.submit(self._span, path, *span) for span in spans[:1]]
            for span in spans[1:]:
                piece = coming.pop().result()
                coming.append(pool.submit(self._span, path, *span))
                yield piece
            yield from (one.result() for one in coming)

    def _span(self, path: str, start: int, length: int) -> bytes:
        with self._faults(path):
            return bytes(obstore.get_range(self._objects, path, start=start, length=length))

    def entries(self, prefix: str) -> list[Entry]:
        """Return the objects below *prefix*, sorted by path."""
        with self._faults(prefix):
            found = [one for some in obstore.list(self._objects, prefix) for one in some]
        return sorted(Entry(one["path"], one["size"], one["last_modified"]) for one in found)

    def delete(self, path: str) -> None:
        """Delete the object at *path*; that there is none is no error."""
        with self._faults(path, PermissionError):
            try:
                obstore.delete(self._objects, path)
            except FileNotFoundError:
                return

    def locked_until(self, path: str) -> str | None:
        """Return the time until when the bucket locks the object (`a legal hold is lifted` under a legal hold), or None.

        S3 answers the deletion of a locked object with success and keeps it as an older version, so its lock must be looked up.
        Other stores refuse such a deletion."""
        if not isinstance(self._objects, store.S3Store):
            return None
        from urllib3 import PoolManager

        with self._faults(path):
            address = obstore.sign(self._objects, "GET", path, timedelta(minutes=5))
        answer = PoolManager().request("GET", address, headers={"Range": "bytes=0-0"}, preload_content=True)
        if answer.headers.get("x-amz-object-lock-legal-hold") == "ON":
            return "a legal hold is lifted"
        return answer.headers.get("x-amz-object-lock-retain-until-date")

    @contextmanager
    def _faults(self, path: str, *also: type[OSError]) -> Generator[None]:
        """Raise what obstore raises as an OffsiteError."""
        where = self.where(path).rstrip("/")
        try:
            yield
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError) as exc:
            raise OffsiteRefused(
                f"{where}: the store refuses it ({_said(exc)}); check its credentials and rights"
            ) from exc
        except FileNotFoundError as exc:
            if FileNotFoundError in also:
                raise OffsiteRefused(f"{where}: {_NOT_FOUND}; make it, or correct the address") from exc
            raise
        except (exceptions.NotSupportedError, exceptions.InvalidPathError, ValueError) as exc:
            raise OffsiteRefused(f"{where}: the store cannot do this ({_said(exc)})") from exc
        except (exceptions.BaseError, OSError) as exc:
            if "ContainerNotFound" in str(exc):  # Azure's listing; obstore has no error of its own for it
                raise OffsiteRefused(f"{where}: {_NOT_FOUND}; make it, or correct the address") from exc
            raise OffsiteError(
                f"{where}: the store failed ({_said(exc)}); check the address and the store, then run it again"
            ) from exc


def checked(url: str) -> str:
    """Return *url* without a slash at its end; ValueError says what is wrong with it."""
    parts = urlsplit(url.strip())
    if parts.scheme not in SCHEMES:
        raise ConfigurationError(f"offsite url: {for_line(url)!r} is no s3://, gs://, az:// or file:// address")
    if parts.username or parts.password or parts.query:
        raise ConfigurationError(
            "offsite url: it holds a login; give that as the store's own variables (AWS_…, AZURE_…)"
        )
    if parts.scheme == "file" and (parts.netloc or not parts.path.strip("/")):
        raise ConfigurationError(
            f"offsite url: {for_line(url)!r} names no directory; three slashes: file:///mnt/backup"
        )
    if parts.scheme != "file" and not parts.netloc:
        raise ConfigurationError(f"offsite url: {for_line(url)!r} names no bucket: {parts.scheme}://bucket/path")
    return url.strip().rstrip("/")


def _directory(url: str) -> Path | None:
    return Path(unquote(urlsplit(url).path)) if url.startswith("file:") else None


def _said(exc: Exception) -> str:
    """Return what the server says, or else what obstore says without its inner structures."""
    text = str(exc).split("\n\nDebug source")[0]
    said = [found[1] for word in ("Code", "Message") if (found := re.search(f"<{word}>(.*?)</{word}>", text))]
    return for_line(": ".join(said) or text)[:300]
