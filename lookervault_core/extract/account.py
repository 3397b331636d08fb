"""The account of everything that Looker's API lets one read: what of it a backup holds, and why it lacks the rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from lookervault_core.catalog.account import TABLE, Entry
from lookervault_core.codec import NOT_JSON

WORDS = {
    "kept": "kept",
    "part": "part of another",
    "derived": "derived",
    "secret": "secret",
    "statistics": "statistics",
    "unwanted": "not wanted",
}


class _Operation(msgspec.Struct):
    id: str = msgspec.field(default="", name="operationId")


class _Path(msgspec.Struct):
    get: _Operation | None = None


class _Description(msgspec.Struct):
    paths: dict[str, _Path] = {}


_description = msgspec.json.Decoder(_Description)


def assigned() -> Iterator[tuple[str, Entry]]:
    """Yield each API operation of the account's table with its entry; a test holds that no operation comes twice."""
    for entry in TABLE:
        for operation in entry.operations:
            yield operation, entry


def reads(description: bytes) -> dict[str, str]:
    """Return the operations of a *description* of the API that read, with their paths; none if it cannot be understood."""
    try:
        paths = _description.decode(description).paths
    except NOT_JSON:
        return {}
    return {one.get.id: path for path, one in paths.items() if one.get is not None and one.get.id}


def unknown(operations: Iterable[str]) -> list[str]:
    """Return the *operations* that the account does not name, sorted."""
    return sorted(set(operations) - {operation for operation, _ in assigned()})


def counted() -> Mapping[str, int]:
    """Return how many API operations a backup keeps, takes elsewhere or leaves out, by the words for it."""
    found: Counter[str] = Counter(entry.fate for _, entry in assigned())
    return {word: found[fate] for fate, word in WORDS.items()}


def markdown() -> str:
    """Return the account as the table of docs/coverage.md."""
    lines = ["| operations | what becomes of it | why |", "|---|---|---|"]
    for entry in TABLE:
        fate = f"{WORDS[entry.fate]} `{entry.by}`" if entry.by else WORDS[entry.fate]
        names = ", ".join(f"`{name}`" for name in entry.operations)
        lines.append(f"| {names} | {fate.replace('kept `', 'kept by `').replace('another `', '`')} | {entry.reason} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown())
