"""The tables of the comparison as a page for people: `docs/comparison.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lookervault_core.catalog.tolerances import ROWS_IN_ANY_ORDER, TOLERANCES
from lookervault_core.catalog.uncompared import UNCOMPARED, Kind
from lookervault_core.forms import FORMS
from lookervault_core.values import FREE_FORM

_HEAD = """# What the comparison does not see

A restore, its proof, `verify --against-live` and `diff` all compare by the tables on this page, and by nothing else; the vault
keeps a new version wherever more than volatile fields differ. What differs otherwise is written, or it is an *accepted loss* or
*not restored*, and the report names both. `""` is not null, null is not an empty list, `true` is not 1, and a text is no number.
"""
_KINDS: Mapping[Kind, str] = {
    "volatile": "Looker changes it by itself, or shows it otherwise to each caller. Where only this differs, nothing has changed.",
    "derived": "It follows from fields that are compared, here or in another object.",
    "birth": "Looker gives it with the object, or it is a moment's: a restore neither compares nor writes it.",
    "elsewhere": "Another type of the vault holds it, and it is compared there.",
    "secret": "Looker takes it and never shows it.",
}


def page() -> str:
    """Return the page as Markdown; a test holds that `docs/comparison.md` equals it."""
    return "\n".join([_HEAD, *_tolerances(), "", *_forms(), "", *_uncompared()]) + "\n"


def _tolerances() -> Iterator[str]:
    yield "## Values that differ and are the same\n"
    yield "| rule | where | why |\n|---|---|---|"
    for row in TOLERANCES:
        yield f"| {row.rule} | {_code(row.fields)} | {row.reason} |"
    yield f"\nFree form, where every key and every null counts: {_code(sorted(FREE_FORM))}.\n"
    yield "Lists in payloads that may come in any order without being a new version in the vault:\n"
    yield from (f"- {name}: {_code(fields)}" for name, fields in ROWS_IN_ANY_ORDER.items())


def _forms() -> Iterator[str]:
    yield "## Forms of Looker's own\n"
    yield "These count as differences. But where Looker shows right after a restore another form of what that has sent it, it is an"
    yield "accepted loss that says so, and no later restore sends it again: a value is kept\n"
    yield from (f"- {how}" for how in FORMS)


def _uncompared() -> Iterator[str]:
    yield "## Fields that are not compared\n"
    yield "By the schemas of Looker's description (API 4.0). Every other field of what can be restored is compared; a test fails"
    yield "for one that is neither compared nor listed here."
    for kind, meaning in _KINDS.items():
        yield f"\n### {kind}\n\n{meaning}\n\n| fields | why |\n|---|---|"
        for row in (one for one in UNCOMPARED if one.kind == kind):
            where = "; ".join(f"{_name(name)} {_code(fields.split())}" for name, fields in row.fields.items())
            yield f"| {where} | {row.reason} |"


def _name(schema: str) -> str:
    return "every schema:" if schema == "*" else f"{schema}:"


def _code(names: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    return ", ".join(name if " " in name else f"`{name}`" for name in names)
