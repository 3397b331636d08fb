"""A Prefect server that is not there costs a run its record and nothing else; here nothing ever answers at its port."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

CLOSED = "http://127.0.0.1:9/api"
_tried: list[object] = []
sys.addaudithook(lambda event, arguments: _tried.append(arguments[1]) if event == "socket.connect" else None)


@pytest.fixture(autouse=True)
def silent_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from tasks import server

    monkeypatch.setattr(server, "_silence", server._Silence())
    with temporary_settings({PREFECT_API_URL: CLOSED}):
        yield


def test_an_artifact_that_nobody_takes_is_left_out_and_the_next_one_is_not_tried() -> None:
    from tasks.artifacts import Progress, show_link, show_table
    from tasks.server import is_left_alone, was_silent

    show_table("a-table", [{"type": "looks"}], "Looks")
    assert was_silent()
    assert is_left_alone()
    assert ("127.0.0.1", 9) in _tried
    _tried.clear()
    progress = Progress("a-progress", "Progress")
    progress.show(1, lambda: 2, now=True)
    show_link("a-link", "https://looker.example.com", "Looker")
    assert _tried == []


def test_what_a_server_refuses_is_no_silence() -> None:
    from tasks.server import recorded, was_silent

    def refused() -> None:
        request = httpx.Request("POST", CLOSED)
        raise httpx.HTTPStatusError("no", request=request, response=httpx.Response(422, request=request))

    with pytest.raises(httpx.HTTPStatusError):
        recorded(refused)
    assert not was_silent()


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_proxy_that_answers_for_a_server_that_has_gone_is_silence(status: int) -> None:
    from tasks.server import is_silence

    request = httpx.Request("POST", CLOSED)
    response = httpx.Response(status, request=request)
    assert is_silence(httpx.HTTPStatusError("gone", request=request, response=response))


def test_a_flow_that_cannot_begin_says_so() -> None:
    from flows.outliving import NotBegun, outlived
    from flows.verify import verify

    with pytest.raises(NotBegun):
        outlived(lambda: verify(return_state=True))


def test_a_body_that_ended_counts_whatever_becomes_of_its_run() -> None:
    from flows.outliving import outlived, outliving

    @outliving
    def body(number: int) -> int:
        return number + 1

    def run(number: int) -> Any:
        body(number)
        raise httpx.ConnectError("the final state")

    assert outlived(lambda: run(1)) == 2


def test_the_error_of_a_body_is_what_is_raised_whatever_becomes_of_its_run() -> None:
    from flows.outliving import outlived, outliving

    @outliving
    def body() -> int:
        raise KeyError("ours")

    def run() -> Any:
        try:
            body()
        except KeyError:
            raise httpx.ConnectError("the final state") from None

    with pytest.raises(KeyError, match="ours"):
        outlived(run)


def test_a_body_keeps_its_parameters_for_prefect() -> None:
    from flows.restore import restore

    assert restore.parameters.properties["approve"]["enum"] == ["no", "ask"]
