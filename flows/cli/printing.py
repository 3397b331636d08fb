"""How lines get out: a terminal has colours and a width, a pipe or a file gets each line whole, and needs no Rich for that."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from lookervault_core.inert import for_terminal

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 240
# What makes Rich take a pipe for a terminal, as some CI services want.
_AS_TERMINAL = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class Plain:
    """Prints to what is no terminal. What users wrote moves nothing there either: somebody may `cat` it."""

    is_terminal, width = False, WIDE

    def __init__(self, *, stderr: bool) -> None:
        self._stderr = stderr

    def print(self, *shown: Any, end: str = "\n", **look: Any) -> None:
        """Print texts in one line, however they were to look on a terminal; what is no text is Rich's."""
        if not all(isinstance(one, str) for one in shown):
            rich_console(stderr=self._stderr).print(*shown, end=end, **look)
            return
        stream = sys.stderr if self._stderr else sys.stdout
        stream.write(for_terminal(" ".join(shown)) + end)
        stream.flush()


def console(*, stderr: bool = False) -> Plain | Console:
    """Return what prints lines of ours, and leaves names and markup characters of users alone."""
    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty() or any(os.environ.get(name) for name in _AS_TERMINAL):
        return rich_console(stderr=stderr)
    return Plain(stderr=stderr)


def rich_console(*, stderr: bool = False) -> Console:
    """Return the same as Rich has it, for what only Rich can draw."""
    from flows.cli.terminal import Terminal

    stream = sys.stderr if stderr else sys.stdout
    return Terminal(stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDE)
