"""The settings of a command that calls Looker itself, without a flow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flows.cli.log_lines import listening
from lookervault_core.settings import Settings, load_settings


def reaching_settings(config: Path | None, **given: Any) -> Settings:
    """Return the settings in force, with the connection of the Prefect block that they name, if any. Raises ConfigurationError if
    there is no such block. Prefect is started only for that."""
    settings = listening(load_settings(config, **given))
    if not settings.credentials_block:
        return settings
    from flows.cli.live import Live
    from flows.cli.prefect_run import quiet_prefect, require_server

    quiet_prefect()
    if not os.environ.get("PREFECT_API_URL"):
        Live(quiet=False).starting()
    from tasks import blocks

    require_server()
    return blocks.reaching_settings(config, **given)
