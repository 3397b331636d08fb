"""What an attack came to: one row a kind of attack, and what went wrong in which try."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

COLUMNS = ("lost", "doubled", "leaked", "wrong exit code", "not one clear line")


@dataclass
class Score:
    """The tries of one attack. `faults` counts by column; `notes` says what was seen, in the words of the attack."""

    attack: str
    tried: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def fault(self, column: str, note: str) -> None:
        """Count a fault of the try that is under way."""
        if column not in COLUMNS:
            raise ValueError(column)
        self.faults[column] += 1
        self.notes.append(f"{self.attack}: {column}: {note}")

    def check(self, column: str, holds: object, note: str) -> None:
        """Count a fault unless what is right *holds*."""
        if not holds:
            self.fault(column, note)


def table(scores: Iterable[Score]) -> str:
    """Return the scores as a Markdown table."""
    head = ("attack", "tried", *COLUMNS)
    rows = [(one.attack, one.tried, *(one.faults[column] for column in COLUMNS)) for one in scores]
    return _lines([head, ("---", *("--:" for _ in head[1:])), *rows])


def merged(page: str, scores: Iterable[Score]) -> str:
    """Return the table of a *page* with the *scores* in the place of its rows of the same name, or behind them."""
    rows = {line.split(" | ")[0]: line for line in page.splitlines() if line.startswith("| ")}
    made = table(scores).splitlines()
    rows |= {line.split(" | ")[0]: line for line in made}
    return "\n".join(rows.values()) + "\n"


def _lines(rows: Iterable[Iterable[object]]) -> str:
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows) + "\n"
