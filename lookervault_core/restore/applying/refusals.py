"""What Looker refuses of one object, part by part: each refusal is named, and all the other parts are written."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from lookervault_core.diff.describe import path_of
from lookervault_core.diff.doc import Doc
from lookervault_core.errors import LookerError, LookerVaultError
from lookervault_core.model import ContentKey
from lookervault_core.restore.applying.context import DependencyMissing
from lookervault_core.restore.applying.failures import ends_all


class PartsRefused(LookerError):
    """Looker refused parts of an object for good; everything else of it is written."""


class Refusals:
    """The refusals of one object, in the order in which they came. For one thread."""

    def __init__(self) -> None:
        self._refused: dict[str, LookerVaultError] = {}

    @contextmanager
    def of(self, content_type: str = "", doc: Doc | None = None) -> Generator[None]:
        """Note what Looker refuses for good of a nested object, or without one of the object's own fields, and go on."""
        try:
            yield
        except (LookerError, DependencyMissing) as exc:
            if exc.transient or ends_all(exc):
                raise
            self._refused[path_of(content_type, doc) if doc is not None else "its own fields"] = exc

    def tell(self, key: ContentKey) -> None:
        """Raise PartsRefused, which names all that was refused, if anything was."""
        if not self._refused:
            return
        first = next(iter(self._refused.values()))
        parts = "; ".join(f"{part}: {exc}" for part, exc in self._refused.items())
        looker = first if isinstance(first, LookerError) else LookerError("")
        raise PartsRefused(
            f"{key}: everything else of it is written, but not {parts}",
            operation=looker.operation,
            status=looker.status,
            request_id=looker.request_id,
            details=looker.details,
        ) from first
