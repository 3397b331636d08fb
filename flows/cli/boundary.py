"""Where errors end: one line on stderr and the exit code of its kind."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

import typer

from flows.cli.log_lines import first, stop_listening
from lookervault_core.errors import LookerVaultError
from lookervault_core.inert import for_json, for_line

INTERRUPTED = 130


def run(app: typer.Typer, arguments: Sequence[str], name: str = "lookervault") -> int:
    """Run *app*, called *name*, on *arguments* and return the exit code; each LookerVaultError prints one line on stderr."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=first(arguments), prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except LookerVaultError as error:
        return _report(error, as_json="--json" in arguments)
    except KeyboardInterrupt:
        return say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _read_enough()
    except SystemExit as ended:  # what Typer makes of a broken pipe
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        return _read_enough()
    except Exception as error:  # noqa: BLE001 (the boundary: what is not ours keeps its traceback)
        return _usage(error)
    finally:
        stop_listening()
    return code if isinstance(code, int) else 0


def _read_enough() -> int:
    """Who read our output has read enough; what Python still holds of it must not fail when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return 0


def _usage(error: Exception) -> int:
    """Show a mistake in the command's words as Typer does; anything else is a defect and keeps its traceback."""
    show = getattr(error, "show", None)
    if not callable(show):
        if type(error).__name__ == "Abort":
            return say("not confirmed; nothing was done", INTERRUPTED)
        raise error
    show()
    return int(getattr(error, "exit_code", 2))


def _report(error: LookerVaultError, *, as_json: bool) -> int:
    if as_json:
        told = {"status": "failed", "error": str(error), "error_type": type(error).__name__}
        print(for_json(json.dumps(told)))
    return say(f"error: {error}", error.exit_code)


def say(line: str, code: int) -> int:
    """Print *line* on stderr and return *code*."""
    print(for_line(line), file=sys.stderr)
    return code
