"""`uv run python -m benchmarks.attacks` makes all attacks and writes docs/attacks.md. An hour and a half on two idle cores.

`--flips` and `--tries` make fewer; `--only vaults,words` makes some kinds, whose rows take the place of those in the page;
`--jobs 2` makes two kinds at a time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from benchmarks.attacks import imports, processes, secrets, servers, vaults, words, workers
from benchmarks.attacks.commands import ROOT, Commands
from benchmarks.attacks.scores import Score, merged, table

PAGE = ROOT / "docs" / "attacks.md"
HEAD = """# Attacked from outside

Made by `uv run python -m benchmarks.attacks`: each try is a command as a process of its own, on loopback. *Lost*: something is not
there afterwards, or the same command again does not finish, or bytes that are wrong were given out as good ones. *Doubled*:
something is there twice. *Leaked*: what lies outside, a token or a secret went where it does not belong, or a title did something.
A few of each kind run as tests (`tests/fault`).

"""

Made = Callable[[Commands, Path, argparse.Namespace], Iterator[Score]]
KINDS: dict[str, Made] = {
    "vaults": lambda commands, place, asked: vaults.attacks(commands, place, flips=asked.flips, others=asked.tries),
    "processes": lambda commands, place, asked: processes.attacks(commands, place, tries=asked.tries),
    "prefect": lambda commands, place, _: processes.servers_that_die(commands, place),
    "workers": lambda commands, place, _: workers.attacks(commands, place),
    "servers": lambda commands, place, _: servers.attacks(commands, place),
    "imports": lambda commands, place, _: imports.attacks(commands, place),
    "words": lambda commands, place, _: words.attacks(commands, place),
    "secrets": lambda commands, place, _: secrets.attacks(commands, place),
}


class Page:
    """The page with the rows made so far; a run that is broken off leaves what it has made."""

    def __init__(self, *, anew: bool) -> None:
        self._lock = Lock()
        self._text = "" if anew else PAGE.read_text()
        self.harm = False

    def add(self, score: Score) -> None:
        """Put the row of an attack into the page, and show it."""
        with self._lock:
            self._text = HEAD + merged(self._text, [score])
            PAGE.write_text(self._text)
            self.harm |= bool(score.faults.total())
            print(table([score]).splitlines()[-1], flush=True)
            print("\n".join(note for note in score.notes if not note.startswith("~")), file=sys.stderr, flush=True)


def _make(kind: str, asked: argparse.Namespace, page: Page) -> None:
    with tempfile.TemporaryDirectory() as scratch, Commands() as commands:
        place = Path(scratch)
        place.chmod(0o755)
        for score in KINDS[kind](commands, place, asked):
            page.add(score)


def main() -> int:
    """Make the attacks that were asked for; 1 if any did harm."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--tries", type=int, default=8)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    page = Page(anew=not asked.only)
    with ThreadPoolExecutor(asked.jobs) as pool:
        kinds = asked.only.split(",") if asked.only else list(KINDS)
        for one in [pool.submit(_make, kind, asked, page) for kind in kinds]:
            one.result()
    return int(page.harm)


if __name__ == "__main__":
    sys.exit(main())
