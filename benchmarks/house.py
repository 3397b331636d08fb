"""Print how the house stands: where types are named, how large functions, files and folders are.

`python -m benchmarks.house`. `tests/test_house.py` holds each figure as a ceiling, so that it can only fall.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles

from lookervault_core.catalog import CATALOG, WRITES

CORE = Path(__file__).parents[1] / "lookervault_core"
TYPES = frozenset(CATALOG) | frozenset(WRITES)
FAMILIES = CORE / "families"  # what a family says of its types is a struct of functions, and is described right here
ENGINE = CORE / "restore"
AT_HOME = ("catalog", "families")


def figures() -> dict[str, int]:
    """Return the figures by what they count."""
    trees = {path: ast.parse(path.read_text()) for path in sorted(CORE.rglob("*.py"))}
    outside = [tree for path, tree in trees.items() if path.relative_to(CORE).parts[0] not in AT_HOME]
    named = [_literals(tree) for tree in outside]
    bodies = sorted(_bodies(trees.values()))
    folders = Counter(path.parent for path in trees)
    aliases = {name for tree in trees.values() for name in _aliases(tree)}
    return {
        "type names outside catalog and families": sum(named),
        "files with one": sum(1 for count in named if count),
        "comparisons with a type name": sum(_comparisons(tree) for tree in outside),
        "tables keyed by type": sum(_tables(tree) for tree in outside),
        "callables in value structs": sum(
            _callables(tree, aliases) for path, tree in trees.items() if path.parent != FAMILIES
        ),
        "files in the fullest folder": max(folders.values()),
        "files of the restoring engine": sum(count for path, count in folders.items() if ENGINE in (path, path.parent)),
        "files in its fullest folder": max(count for path, count in folders.items() if ENGINE in (path, path.parent)),
        "files over 400 lines": sum(1 for path in trees if len(path.read_text().splitlines()) > 400),
        "lines of a function, median": round(median(bodies)),
        "lines of a function, nine in ten": round(quantiles(bodies, n=10)[-1]),
    }


def _is_type(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in TYPES


def _literals(tree: ast.AST) -> int:
    return sum(map(_is_type, ast.walk(tree)))


def _comparisons(tree: ast.AST) -> int:
    compares = (node for node in ast.walk(tree) if isinstance(node, ast.Compare))
    return sum(any(map(_is_type, ast.walk(node))) for node in compares)


def _tables(tree: ast.AST) -> int:
    tables = (node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    return sum(any(key is not None and _is_type(key) for key in table.keys) for table in tables)


def _callables(tree: ast.AST, aliases: set[str]) -> int:
    """Count the fields of structs that are functions."""
    fields = (field for cls in _value_structs(tree) for field in cls.body if isinstance(field, ast.AnnAssign))
    return sum(bool(_names(field.annotation) & (aliases | {"Callable"})) for field in fields)


def _value_structs(tree: ast.AST) -> Iterator[ast.ClassDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any({"Struct", "NamedTuple"} & _names(base) for base in node.bases):
            yield node


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} | {
        n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }


def _aliases(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Subscript) and "Callable" in _names(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _bodies(trees: Iterable[ast.Module]) -> Iterator[int]:
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                yield (node.end_lineno or 0) - body[0].lineno + 1 if body else 0


def main() -> None:
    for what, count in figures().items():
        print(f"{count:6,}  {what}")


if __name__ == "__main__":
    main()
