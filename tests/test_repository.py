"""What must hold of the repository itself."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from lookervault_core.settings import _RENAMED, Settings, load_settings
from tests.conftest import PATIENCE_S

ROOT = Path(__file__).parent.parent
OURS = ("flows", "tasks", "lookervault_core", "tests", "benchmarks", "docs", "deploy", ".github", ".ci")
TEXT = {".py", ".md", ".toml", ".yaml", ".yml", ".txt", ".lock", ".ini", ".service", ".timer", ""}
# Split, so that this file does not hold what it looks for.
UNWANTED = [
    "/work" + "/",
    "/ro" + "ot/",
    "/Us" + "ers/",
    "/ho" + "me/",
    "pypi-mi" + "rror",
    "index-u" + "rl =",
    "BEGIN PRIV" + "ATE KEY",
    "gh" + "p_",
]


def files() -> list[Path]:
    top = [
        path
        for path in ROOT.iterdir()
        if path.is_file() and path.name not in ("uv.lock", ".git") and path.suffix in TEXT
    ]
    below = [path for name in OURS for path in (ROOT / name).rglob("*") if path.is_file() and path.suffix in TEXT]
    return [path for path in top + below if "__pycache__" not in path.parts]


@pytest.mark.parametrize("text", UNWANTED)
def test_no_machine_and_no_secret_is_committed(text: str) -> None:
    assert [str(path) for path in files() if text in path.read_text(encoding="utf-8", errors="replace")] == []


def test_the_lock_names_packages_and_hashes_and_no_host() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--index-url|--extra-index-url", lock)


def test_the_readme_can_be_read_in_one_sitting() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_the_changelog_tells_of_the_version_that_is_built() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    told = re.findall(r"(?m)^## (\d+\.\d+\.\d+) – \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text())
    assert told[0] == built
    assert told == sorted(told, key=lambda one: [int(part) for part in one.split(".")], reverse=True)


def test_every_option_of_extract_can_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.cli.backup import extract

    spelled_otherwise = {"types": "types", "named": "types", "as_json": "json"}
    for parameter in inspect.signature(extract).parameters:
        name = spelled_otherwise.get(parameter, parameter)
        assert _RENAMED.get(name, name) in Settings.model_fields, f"LOOKERVAULT_{name.upper()} is not read"
    monkeypatch.setenv("LOOKERVAULT_EXCLUDE", "themes, boards")
    monkeypatch.setenv("LOOKERVAULT_INCREMENTAL", "true")
    assert load_settings().exclude == ("themes", "boards")
    assert load_settings().incremental is True
    assert load_settings(exclude=["looks"]).exclude == ("looks",)


def test_the_layers_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stdout
