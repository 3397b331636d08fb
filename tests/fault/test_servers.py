"""Whatever answers instead of Looker, a run ends, says what it could not have, and goes on later."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.attacks import servers
from benchmarks.attacks.commands import Commands
from lookervault_core.errors import BadReply, LookerError, TooLarge, Unreachable
from lookervault_core.looker.client import Looker
from lookervault_core.looker.replies import retry_after_s
from lookervault_core.looker.transport import Transport
from tests.fault.conftest import unharmed
from tests.looker.conftest import looker, server
from tests.looker.scripted import Answer, FakeTime, Scripted, answer, connection_to

__all__ = ["looker", "server"]


@pytest.fixture
def fake_time() -> FakeTime:
    return FakeTime()


@pytest.mark.parametrize("members", [1, 64])
def test_a_bomb_is_not_unpacked_whatever_its_trailer_says(server: Scripted, looker: Looker, members: int) -> None:
    server.on("GET /user", answer(200, servers.bomb(members), Content_Encoding="gzip"))
    with pytest.raises(TooLarge, match="me: the answer is larger than 256 MB"):
        looker.me()
    assert len(server.seen("/user")) == 1, "asking again would bring the same"


def test_a_body_that_trickles_is_given_up(server: Scripted) -> None:
    """Each byte comes in time, and all of them together never would."""
    clock = FakeTime()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
    server.on("GET /user", Answer(head + b"{"))

    def ticking() -> float:
        clock.now_s += 3
        return clock.now_s

    transport = Transport(connection_to(server.base_url, timeout_s=2.0), clock=ticking)
    with pytest.raises(Unreachable, match="sent 1 bytes in more than 2 s"):
        transport.send("me", "GET", "/user")


def test_what_is_nested_too_deeply_to_be_read_is_a_bad_reply(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", answer(200, b'{"id":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
    with pytest.raises(BadReply):
        looker.me()


def test_an_error_that_is_nested_too_deeply_is_that_error(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", answer(422, b'{"message":' + b"[" * 100_000 + b"]" * 100_000 + b"}"))
    with pytest.raises(LookerError) as refused:
        looker.me()
    assert refused.value.status == 422


@pytest.mark.parametrize("text", ["\xb2", "-5", "soon", "Mon, 99 Foo 99999 99:99:99 GMT"])
def test_a_retry_after_that_makes_no_sense_is_none(text: str) -> None:
    assert retry_after_s({"retry-after": text}, 0.0) is None


@pytest.mark.parametrize("name", ["a content-length too great", "an id with %2e%2e%2f", "an id that is a list"])
def test_a_page_that_is_not_as_it_should_be_is_had_in_another_way_or_named(
    commands: Commands, tmp_path: Path, name: str
) -> None:
    for score in servers.answers(commands, tmp_path, (name,)):
        unharmed(score)


def test_a_redirect_takes_no_token_along(commands: Commands, tmp_path: Path) -> None:
    unharmed(servers.redirects(commands, tmp_path, (302,), ("/login", "/user")))


def test_a_listing_that_repeats_its_pages_ends(commands: Commands, tmp_path: Path) -> None:
    unharmed(next(servers.listings(commands, tmp_path)))
