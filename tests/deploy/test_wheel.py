"""What is installed: the wheel alone, without the repository around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import PATIENCE_S

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with what the wheel holds."""
    uv = shutil.which("uv")
    if uv is None:
        pytest.skip("there is no uv here to build it")
    room = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [uv, "build", "--wheel", "--quiet", "--out-dir", str(room), str(ROOT)], check=True, timeout=PATIENCE_S
    )
    (wheel,) = room.glob("*.whl")
    assert wheel.stat().st_size < 3_000_000
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(room / "site")
    return room / "site"


def ran(script: str, installed: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONPATH": str(installed)},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_the_wheel_has_the_commands_and_their_files_and_no_tests(installed: Path, tmp_path: Path) -> None:
    top = {one.name for one in installed.iterdir() if not one.name.endswith(".dist-info")}
    assert top == {"flows", "tasks", "lookervault_core", "looker_simulator"}
    kept = {
        one.relative_to(ROOT) for one in (ROOT / "flows" / "ui").rglob("*") if one.is_file() and one.suffix != ".pyc"
    }
    assert [one for one in kept if not (installed / one).is_file()] == []
    done = ran(
        "import flows; print(flows.__file__); from flows.cli import main; main(['--version'])", installed, tmp_path
    )
    assert done.stdout.splitlines()[0].startswith(str(installed)), done.stderr
    assert done.stdout.splitlines()[1].startswith("lookervault 0.")


def test_a_shell_completes_its_commands(installed: Path, tmp_path: Path) -> None:
    words = {"_LOOKERVAULT_COMPLETE": "complete_bash", "COMP_WORDS": "lookervault offsi", "COMP_CWORD": "1"}
    script = f"import os; os.environ |= {words}; from flows.cli import main; main([])"
    assert ran(script, installed, tmp_path).stdout.split() == ["offsite"]


def test_windows_is_refused_in_one_line(installed: Path, tmp_path: Path) -> None:
    done = ran("import sys; sys.platform = 'win32'; from flows.cli import main; main(['--help'])", installed, tmp_path)
    assert (done.returncode, done.stderr.count("\n"), "WSL" in done.stderr, done.stdout) == (1, 1, True, "")
