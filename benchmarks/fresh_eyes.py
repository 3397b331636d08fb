"""What of Looker's API nobody has thought of: operations that write and are never made, fields that no class has.

    uv run python benchmarks/fresh_eyes.py [looker-openapi-4.0.json]

Goes by the installed SDK, and by a description where one is given. Operations that read are held to the account by
tests/core/test_account.py, those that write by tests/core/test_unmade.py, fields of 26.12 by tests/core/test_uncompared.py; this is
the rest, to be judged by a person. A field without a class that can be written is learned and compared like any other.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from looker_sdk.sdk.api40 import methods, models

from lookervault_core.catalog import CATALOG, WRITES, uncompared
from lookervault_core.catalog.account import UNMADE
from lookervault_core.catalog.vocabulary import WriteCall

ROOT = Path(__file__).parent.parent
# What stands there is what nobody makes, or what reads.
_TABLES = ("account",)
_VERB = re.compile(r"self\.(post|put|patch|delete)\(\s*(?:path=)?f?[\"']([^\"']*)")


def writes(described: Path | None) -> dict[str, str]:
    """Return every operation that writes, with its verb and path."""
    found: dict[str, str] = {}
    for path, verbs in (json.loads(described.read_text())["paths"] if described else {}).items():
        found |= {one["operationId"]: f"{verb} {path}" for verb, one in verbs.items() if verb != "get"}
    for name, method in inspect.getmembers(methods.Looker40SDK, inspect.isfunction):
        if told := _VERB.search(inspect.getsource(method)):
            found[name] = " ".join(told.groups())
    return found


def made() -> set[str]:
    """Return the operations that the catalog's rows or the families name."""
    rows = (getattr(facts, field) for facts in WRITES.values() for field in facts.__struct_fields__)
    documents = (one.write for row in CATALOG.values() for one in row.documents.values())
    calls = {call.operation for call in (*rows, *documents) if isinstance(call, WriteCall)}
    sources = " ".join(
        path.read_text() for path in (ROOT / "lookervault_core").rglob("*.py") if path.stem not in _TABLES
    )
    return calls | set(re.findall(r"\"([a-z_0-9]+)\"", sources))


def unclassed() -> Iterator[str]:
    """Yield the fields of the SDK's models that are neither in a row nor in the table of what is not compared."""
    for name, facts in WRITES.items():
        schema = CATALOG[name].payload if facts.schema and name in CATALOG else facts.schema
        fields = inspect.get_annotations(getattr(models, schema, object))
        writable = inspect.get_annotations(getattr(models, f"Write{schema}", object))
        known = {*facts.writable, *facts.forced, *facts.unsent, *(child.field for child in facts.children)}
        for field in (one.rstrip("_") for one in fields if not one.startswith("_")):
            if field not in known and uncompared.why(schema, field) is None:
                yield f"{name:24}{field:32}{'writable: learned' if field in writable else 'read-only'}"


def main() -> None:
    found = writes(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    known = made() | dict(UNMADE).keys()
    rest = {name: where for name, where in found.items() if name not in known}
    print(f"{len(found)} operations write, {len(rest)} are neither made nor in the table of those that are not:")
    print("\n".join(f"  {name:52}{where}" for name, where in sorted(rest.items())))
    print("fields of the SDK without a class:")
    print("\n".join(f"  {one}" for one in unclassed()))


if __name__ == "__main__":
    main()
