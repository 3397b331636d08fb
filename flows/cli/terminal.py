"""A terminal, by Rich."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from lookervault_core.inert import for_terminal


class Terminal(Console):
    """Rich's console, with which what users wrote moves no cursor and hides nothing."""

    def render_str(self, text: str, *arguments: Any, **options: Any) -> Text:
        """Make text of ours."""
        return super().render_str(for_terminal(text), *arguments, **options)

    def on_broken_pipe(self) -> None:
        """Raise it, as `print` does: a reader that has read enough, such as `head`, is no error."""
        raise BrokenPipeError
