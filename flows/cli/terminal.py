"""Rich's console, made safe for texts that users wrote."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.text import Text

from lookervault_core.inert import for_terminal


class Terminal(Console):
    """Rich's console, which makes control characters that users wrote harmless."""

    def render_str(self, text: str, *arguments: Any, **options: Any) -> Text:
        """Return *text* as Rich's text, with control characters made harmless."""
        return super().render_str(for_terminal(text), *arguments, **options)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError, as `print` does: a reader that stops early, such as `head`, is no error."""
        raise BrokenPipeError
