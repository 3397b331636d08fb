"""`project`: a directory from which Prefect deploys: prefect.yaml and the automations, as this installation has them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from flows.cli.printing import console
from lookervault_core.errors import ConfigurationError

NEXT = """made {0}/prefect.yaml and {0}/automations; next, in {0}:

  prefect work-pool create lookervault --type process
  prefect --no-prompt deploy --all
  prefect worker start --pool lookervault"""


def project(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; prefect.yaml must not be there yet")],
) -> None:
    """Make a directory from which `prefect deploy --all` sets up the nights, weeks and restores of an installed LookerVault."""
    made = directory.absolute()
    try:
        made.mkdir(parents=True, exist_ok=True)
        with (made / "prefect.yaml").open("x") as file:
            file.write(_of_modules((_shipped() / "prefect.yaml").read_text(), made))
        shutil.copytree(_shipped() / "automations", made / "automations", dirs_exist_ok=True)
    except OSError as exc:
        raise ConfigurationError(f"{made}: {exc.strerror}; name another DIR") from None
    console().print(NEXT.format(directory))


def _shipped() -> Path:
    """Return the directory with what the wheel holds of it; in a checkout that is the checkout."""
    package = Path(__file__).parents[1]
    return package / "project" if (package / "project").is_dir() else package.parent


def _of_modules(text: str, directory: Path) -> str:
    """Return a prefect.yaml whose flows are modules that are installed, and that works in *directory*."""
    text = re.sub(r"(?m)^(\s*(?:# +)?entrypoint: )flows/(\w+)\.py:(\w+)$", r"\1flows.\2.\3", text)
    return text.replace('"{{ $LOOKERVAULT_ROOT }}"', f'"{directory}"')
