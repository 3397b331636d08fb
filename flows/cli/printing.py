"""Print lines: to a terminal by Rich, with colours and folded; to a pipe or a file plain and whole, without importing Rich."""

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
    """Prints to a pipe or a file. Control characters that users wrote are made harmless here too: somebody may `cat` the file."""

    is_terminal, width = False, WIDE

    def __init__(self, *, stderr: bool) -> None:
        self._stderr = stderr

    def print(self, *shown: Any, end: str = "\n", **look: Any) -> None:
        """Print texts on one line without their looks; other objects, such as tables, are printed by Rich."""
        if not all(isinstance(one, str) for one in shown):
            rich_console(stderr=self._stderr).print(*shown, end=end, **look)
            return
        stream = sys.stderr if self._stderr else sys.stdout
        stream.write(for_terminal(" ".join(shown)) + end)
        stream.flush()


def console(*, stderr: bool = False) -> Plain | Console:
    """Return the printer for stdout, or *stderr*: Rich's console on a terminal, else `Plain`. It takes no text for markup."""
    stream = sys.stderr if stderr else sys.stdout
    if stream.isatty() or any(os.environ.get(name) for name in _AS_TERMINAL):
        return rich_console(stderr=stderr)
    return Plain(stderr=stderr)


def rich_console(*, stderr: bool = False) -> Console:
    """Return Rich's console for stdout, or *stderr*, for tables and trees, also where there is no terminal."""
    from flows.cli.terminal import Terminal

    stream = sys.stderr if stderr else sys.stdout
    return Terminal(stderr=stderr, highlight=False, markup=False, emoji=False, width=None if stream.isatty() else WIDE)
