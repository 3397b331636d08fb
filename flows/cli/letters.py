"""Print dead letters: two lines each in a list, or one with its message first and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from flows.cli.printing import console
from lookervault_core.diff.wording.words import kind_of, titled
from lookervault_core.vault.restoring.dead_letters import CAPTURE, DeadLetter


def print_letters(letters: Iterable[DeadLetter], *, settled: int = 0) -> None:
    """Print dead letters, two lines each, below the session they belong to, and how many *settled* ones are left out."""
    found = sorted(letters, key=lambda letter: (letter.session_id, letter.dead_letter_id))
    if not found:
        console(stderr=True).print("nothing found")
    for session_id, of_session in groupby(found, key=lambda letter: letter.session_id):
        _line(f"session {session_id}")
        for letter in of_session:
            _line(f"{letter.dead_letter_id:>5}  {_what(letter)}{_tries(letter)}")
            _line(f"       {_first_line(letter)}")
    if settled:
        left = "1 dead letter is settled: --resolved lists it"
        many = f"{settled:,} dead letters are settled: --resolved lists them"
        console(stderr=True).print(left if settled == 1 else many)
    if found:
        _line("One with all that is known of it: lookervault restore dlq show NUMBER")


def print_letter(letter: DeadLetter, *, verbose: bool) -> None:
    """Print one dead letter: what failed and why, what to do, the details, and with *verbose* the traceback."""
    out = console()
    out.print(f"{_what(letter)} could not be {'captured' if letter.operation == CAPTURE else 'restored'}")
    out.print(f"\n{letter.message}\n")
    for line in _what_to_do(letter):
        out.print(line)
    out.print(f"\nsession {letter.session_id}, {letter.created_at:%Y-%m-%d %H:%M:%S} UTC{_tries(letter)}")
    details = {"error": letter.error_type, "operation": letter.operation, "status": letter.status or ""}
    details |= {"request id": letter.request_id}
    out.print(", ".join(f"{name} {value}" for name, value in details.items() if value))
    if letter.resolved_at is not None:
        out.print(f"settled since {letter.resolved_at:%Y-%m-%d %H:%M:%S} UTC")
    if verbose and letter.traceback:
        out.print(f"\n{letter.traceback}")
    elif letter.traceback:
        out.print("The traceback: --verbose")


def _what_to_do(letter: DeadLetter) -> Iterator[str]:
    number = letter.dead_letter_id
    if letter.resolved_at is not None:
        return
    if letter.operation == CAPTURE:
        yield "The next extraction asks for it again: lookervault extract --resume"
        return
    yield "When what the message names is mended, try it again:"
    yield f"  lookervault restore dlq retry {number} --dry-run     what would be written"
    yield f"  lookervault restore dlq retry {number}"
    yield f"What the backup has of it: lookervault restore dlq show {number} --payload"


def _what(letter: DeadLetter) -> str:
    return f"{kind_of(letter.content_type)} {titled(letter.id, letter.name)}"


def _tries(letter: DeadLetter) -> str:
    times = "once" if letter.retry_count == 1 else f"{letter.retry_count} times"
    return f", tried again {times}" if letter.retry_count else ""


def _first_line(letter: DeadLetter) -> str:
    """Return the message without the item that it begins with, which the line above has."""
    first = (letter.message.splitlines() or [""])[0]
    return first.removeprefix(f"{letter.operation} ").removeprefix(f"{letter.key}: ")


def _line(text: str) -> None:
    """Print one line; what a narrow terminal has no room for is cut off."""
    out = console()
    out.print(text, no_wrap=True, overflow="ellipsis", crop=out.is_terminal)
