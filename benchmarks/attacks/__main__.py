"""`uv run python -m benchmarks.attacks` makes all attacks and writes docs/attacks.md. An hour on two idle cores.

`--flips` and `--tries` make fewer; `--only vaults,words` makes some kinds, and prints their table instead of writing the page.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.attacks import imports, processes, servers, vaults, words
from benchmarks.attacks.commands import ROOT, Commands
from benchmarks.attacks.scores import Score, table

KINDS = ("vaults", "processes", "servers", "imports", "words")
HEAD = """# Attacked from outside

Made by `uv run python -m benchmarks.attacks`: each try is a command as a process of its own, on loopback. *Lost*: something is not
there afterwards, or the same command again does not finish, or bytes that are wrong were given out as good ones. *Doubled*:
something is there twice. *Leaked*: what lies outside, a token or a secret went where it does not belong, or a title did something.
A few of each kind run as tests (`tests/fault`).

"""


def _made(commands: Commands, kind: str, asked: argparse.Namespace) -> Iterator[Score]:
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        place.chmod(0o755)
        if kind == "vaults":
            yield from vaults.attacks(commands, place, flips=asked.flips, others=asked.tries)
        elif kind == "processes":
            yield from processes.attacks(commands, place, tries=asked.tries, with_server=True)
        elif kind == "servers":
            yield from servers.attacks(commands, place)
        elif kind == "imports":
            yield from imports.attacks(commands, place)
        else:
            yield from words.attacks(commands, place)


def main() -> int:
    """Make the attacks that were asked for; 1 if any did harm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--tries", type=int, default=8)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    scores: list[Score] = []
    with Commands() as commands:
        for kind in asked.only.split(",") if asked.only else KINDS:
            for score in _made(commands, kind, asked):
                scores.append(score)
                print(table([score]).splitlines()[-1], flush=True)
                print("\n".join(note for note in score.notes if not note.startswith("~")), file=sys.stderr, flush=True)
    if asked.only:
        print(table(scores))
    else:
        (ROOT / "docs" / "attacks.md").write_text(HEAD + table(scores))
    return int(any(score.faults.total() for score in scores))


if __name__ == "__main__":
    sys.exit(main())
