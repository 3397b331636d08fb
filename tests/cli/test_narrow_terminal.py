"""What a terminal of 80 columns shows: the numbers, whatever else there is no room for."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.conftest import PATIENCE_S

ENDS = """
from flows.cli.progress import ExtractProgress, RestoreProgress
from lookervault_core.extract.capture import PageDone, TypeListed
from lookervault_core.restore.applying.outcome import StepDone
name = "user_attribute_group_values"
"""
EXTRACT = """
with ExtractProgress(quiet=False) as progress:
    progress(TypeListed(name, 12345))
    progress(PageDone(name, 1234, 0, 46, 3, True))
    input()
"""
RESTORE = """
with RestoreProgress(quiet=False) as progress:
    progress._expect(name, 12345)
    for _ in range(1234):
        progress(StepDone(name, 46, 3, True))
    input()
"""
TABLE = """
from flows.cli.tables import print_table
headings = ("type", "listed", "captured", "new", "changed", "unchanged", "deleted", "holes")
print_table(None, headings, [(name, 1, 1, 1, 1, 1, 1, 1)])
"""


def shown(script: str, awaited: bytes = b"") -> str:
    """Return what a script prints on a terminal of 80 columns, without what only colours and moves; press Enter as soon as the
    terminal shows what is *awaited*."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "80", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-c", ENDS + script], env=environment, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        text = b""
        while True:
            try:
                text += os.read(ours, 4096)
                if awaited and awaited in text:
                    os.write(ours, b"\n")
                    awaited = b""
            except OSError:  # Linux says EIO where the other side is closed
                break
    os.close(ours)
    assert process.returncode == 0, text.decode()
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.decode())


@pytest.mark.parametrize("script", [EXTRACT, RESTORE], ids=["extract", "restore"])
def test_progress_shows_how_far_it_is_and_that_the_limit_holds_it_back(script: str) -> None:
    last = shown(script, b"rate-limited").replace("\r", "\n").rstrip().splitlines()[-1]
    assert last.startswith("user_attribute_group_values ")
    assert " 1234/12345 " in last
    assert "3 failed, rate-limited" in last
    assert last.rstrip().endswith(("-:--", ":00")) or re.search(r"\d:\d\d$", last.rstrip())
    assert len(last) <= 80


def test_the_table_of_an_extraction_keeps_its_headings_whole() -> None:
    lines = shown(TABLE).splitlines()
    assert lines[0].split() == ["type", "listed", "captured", "new", "changed", "unchanged", "deleted", "holes"]
    assert len(lines) == 2


def test_a_line_of_a_file_ends_where_its_text_ends() -> None:
    script = ENDS + TABLE + 'print_table(None, ("name", "id"), [("x" * 150, 1), ("y", "")])\n'
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    lines = done.stdout.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert lines[-2:] == ["x" * 150 + "  1", "y"]
