"""docs/offsite.md, word by word: a machine is lost, and another one goes on from the copy."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.offsite.conftest import Key
from tests.offsite.s3 import S3

PAGE = Path(__file__).parent.parent.parent / "docs" / "offsite.md"


def lines_of(section: str) -> list[list[str]]:
    """Return the commands of a section of the page, in words, without the name of the program."""
    text = PAGE.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    blocks = "\n".join(re.findall(r"```\n(.*?)```", text, flags=re.DOTALL))
    return [shlex.split(line, comments=True)[1:] for line in blocks.splitlines() if line.startswith("lookervault ")]


def test_the_way_back_after_a_total_loss_is_as_the_page_says(
    cli: Run, s3: S3, bucket: str, key: Key, vault_path: Path, tmp_path: Path, environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    url = s3.new_bucket(bucket)
    assert cli("push", url, "--recipient", key.public, **s3.environment).returncode == 0
    for left in tmp_path.glob("looker.db*"):
        left.unlink()
    shutil.rmtree(tmp_path / "prefect", ignore_errors=True)
    commands = lines_of("After a total loss")
    assert [words[0] for words in commands] == [
        "offsite",
        "offsite",
        "pull",
        "verify",
        "snapshots",
        "restore",
        "extract",
    ]
    for words in commands:
        done = cli(
            *[word.replace("s3://bucket/looker", url) for word in words],
            **s3.environment, LOOKERVAULT_NO_PREFECT="true", LOOKERVAULT_OFFSITE_RECIPIENTS=key.public,
        )  # fmt: skip
        assert done.returncode == 0, (words, done.stderr)
    assert "copy 2 is at" in done.stdout


def test_what_the_page_says_of_looking_and_pruning_works(
    cli: Run, s3: S3, bucket: str, key: Key, vault_path: Path
) -> None:
    variables = s3.environment | {"LOOKERVAULT_OFFSITE_URL": s3.new_bucket(bucket)}
    assert cli("push", "--recipient", key.public, **variables).returncode == 0
    for words in lines_of("Look, prove, thin out"):
        assert cli(*words, **variables).returncode == 0, words
