"""A title is data: in no medium does it do anything."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from lookervault_core.inert import for_json, for_line, for_markdown, for_terminal

HARM = "\x1b[2J\x1b]0;owned\x07\u202egpj.exe\x9b31m\ud800\u2028\U000e0041"


def test_a_terminal_is_told_what_it_would_have_obeyed() -> None:
    assert for_terminal("a\x1b[2Jb\u202ec\x9b") == r"a\x1b[2Jb\u202ec\x9b"
    assert for_terminal("two\n\tlines") == "two\n\tlines"
    assert for_line("two\n\tlines\r") == r"two\n\tlines\r"
    assert for_terminal("Ümläut 日本 👩‍💻 العربية") == "Ümläut 日本 👩‍💻 العربية"


@given(st.text())
def test_json_says_the_same_and_nothing_is_obeyed(text: str) -> None:
    shown = for_json(json.dumps({"title": text + HARM}, ensure_ascii=False))
    assert json.loads(shown) == {"title": text + HARM}
    assert for_terminal(shown) == shown


def test_markdown_shows_what_it_would_have_made() -> None:
    assert for_markdown("[x](javascript:1)") == r"\[x\](javascript:1)"
    assert for_markdown("![](http://e/x.png)") == r"\!\[\](http://e/x.png)"
    assert for_markdown("<img src=x onerror=alert(1)>") == r"\<img src=x onerror=alert(1)\>"
    assert for_markdown("# not a heading\n- nor a list") == r"\# not a heading\\n- nor a list"
    assert for_markdown("scheduled_plans 42: a → b") == "scheduled_plans 42: a → b"
