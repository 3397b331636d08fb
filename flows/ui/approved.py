"""Carry out an approved plan, a restore as the Prefect flow, and print its report; what to do comes on stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Carry out the restore or revert that standard input describes, if its new plan has the digest of the plan that was shown.

    Prints the report as JSON, or exits with the code of the error."""
    from flows.cli.boundary import say
    from flows.cli.prefect_run import leave
    from flows.cli.restore_request import Request
    from flows.cli.restore_start import as_flow
    from flows.cli.revert import revert_agreed
    from lookervault_core.errors import LookerVaultError

    asked = json.load(sys.stdin)
    shown, change = asked.pop("digest"), asked.pop("change")
    paths: dict[str, Any] = {name: Path(asked.pop(name)) for name in ("db_path", "config") if asked.get(name)}
    asked.pop("config", None)
    try:
        taken_back = revert_agreed(Request(**paths), change, shown) if change else None
        report = taken_back or as_flow(Request(**asked, **paths), shown, quiet=True)
    except LookerVaultError as error:
        leave(say(f"error: {error}", error.exit_code))
        return
    print(json.dumps(report, default=str), flush=True)
    leave(0)


if __name__ == "__main__":
    main()
