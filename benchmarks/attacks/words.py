"""Titles that would do something where they are shown."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.attacks.commands import Commands, looker_at
from benchmarks.attacks.scores import Score
from looker_simulator import Simulator, SimulatorOptions, mutate
from lookervault_core.inert import for_terminal

TITLES = {
    "terminal escapes in titles": "\x1b[2J\x1b]0;owned\x07\x9b31m\rgone",
    "bidirectional controls in titles": "invoice\u202egpj.exe\u2066\u2028next",
    "Markdown and HTML in titles": "[x](javascript:alert(1)) ![](http://127.0.0.1:9/x) <img src=x onerror=alert(1)>",
    "names of files in titles": "../../etc/passwd; rm -rf ~ $(id) `id`",
}

# Markup of those titles that no backslash makes harmless.
_MARKUP = re.compile(r"(?<!\\)(\]\(javascript|<img|!\[\]\()")


def titles(commands: Commands, scratch: Path) -> Iterator[Score]:
    """A title is data on the way in, in the vault and on every way out."""
    for name, title in TITLES.items():
        score = Score(name)
        with Simulator(SimulatorOptions(scale="tiny")) as looker:
            where = scratch / "titles"
            where.mkdir()
            one = next(row["id"] for row in looker.world["dashboards"] if not row["deleted"])
            mutate(looker.world, "update", "dashboards", one, {"title": title})
            env = looker_at(looker.base_url)
            commands.run("extract", cwd=where, env=env).judge(score, (0,), name)
            mutate(looker.world, "update", "dashboards", one, {"title": f"{title} again"})
            for words in (
                ("list", "dashboards"),
                ("list", "dashboards", "--json"),
                ("history", "dashboard", one),
                ("verify", "--json"),
                ("restore", "single", "dashboard", one, "--dry-run"),
                ("restore", "single", "dashboard", one, "--dry-run", "--json"),
                ("export", "out"),
            ):
                score.tried += 1
                done = commands.run(*words, cwd=where, env=env)
                done.judge(score, (0,), f"{name}: {' '.join(words)}")
                active = for_terminal(done.out + done.err) != done.out + done.err
                score.check("leaked", not active, f"{name}: {' '.join(words)}: {done.out[-300:]!r}")
            kept = json.loads((where / "out" / "dashboards" / f"{one}.json").read_bytes())["title"]
            score.check("lost", kept == title, f"{name}: {kept!r}")
            shutil.rmtree(where)
        yield score


def in_prefect(texts: Iterable[str], logs: Iterable[str]) -> Score:
    """Nothing in the *texts* of Prefect's artifacts is a link, an image or HTML; nothing there or in *logs* moves a cursor."""
    score = Score("titles in Prefect's artifacts and logs")
    for line in logs:
        score.tried += 1
        score.check("leaked", for_terminal(line) == line, f"a control in a log: {line[:300]!r}")
    for text in texts:
        score.tried += 1
        score.check("leaked", for_terminal(text) == text, f"a control: {text[:300]!r}")
        found = _MARKUP.search(text)
        score.check("leaked", not found, f"{found}: {text[:500]!r}")
    score.check("lost", score.tried, "there is no artifact")
    return score


def attacks(commands: Commands, scratch: Path) -> Iterator[Score]:
    """Make all of them."""
    yield from titles(commands, scratch)
