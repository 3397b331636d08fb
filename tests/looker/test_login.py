"""The login against a real socket: once for all threads, again when it must, and never with the secret in a message."""

from __future__ import annotations

import pytest

from lookervault_core import errors
from lookervault_core.looker.client import Looker
from tests.looker.scripted import (
    LIMITED,
    NOT_FOUND,
    NOT_SERVED,
    OK,
    RESET_BEFORE_ANSWER,
    SECRET,
    Answer,
    FakeTime,
    Request,
    Script,
    Scripted,
    answer,
    connection_to,
    html,
    many,
    token,
)


def only_with(text: str) -> Script:
    def script(request: Request) -> Answer:
        is_known = request.headers.get("authorization") == f"Bearer {text}"
        return OK if is_known else answer(401, {"message": "Requires authentication."})

    return script


def test_twenty_cold_threads_log_in_once(server: Scripted, looker: Looker) -> None:
    server.on("POST /login", Answer(token().raw, delay_s=0.2))
    server.on("GET /user", OK)
    many(20, lambda _: looker.get("me", "/user"))
    assert len(server.seen("/login")) == looker.logins == 1
    assert len(server.seen("/user")) == 20


def test_the_login_sends_the_credentials_as_a_form(server: Scripted, looker: Looker) -> None:
    looker.log_in()
    [request] = server.seen("/login")
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.body == f"client_id=the-id&client_secret={SECRET}".encode()


def test_a_refused_token_is_replaced_by_one_login_of_all_threads(server: Scripted, looker: Looker) -> None:
    server.on("POST /login", token("old"), token("new"))
    server.always("GET /user", only_with("new"))
    looker.log_in()
    results = many(20, lambda _: looker.get("me", "/user"))
    assert not [result for result in results if isinstance(result, Exception)]
    assert looker.logins == 2


def test_a_token_refused_again_is_unauthorized_and_not_tried_on(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", answer(401, {"message": "no"}))
    with pytest.raises(errors.Unauthorized, match="even after a fresh login"):
        looker.get("me", "/user")
    assert len(server.seen("/user")) == looker.logins == 2


def test_a_write_refused_with_401_is_sent_again_after_the_login(server: Scripted, looker: Looker) -> None:
    server.on("POST /looks", answer(401, {}), OK)
    looker.post("create_look", "/looks", b"{}")
    assert len(server.seen("/looks")) == 2


def test_a_token_of_two_seconds_serves_more_than_one_call(
    server: Scripted, looker: Looker, fake_time: FakeTime
) -> None:
    server.on("POST /login", token(life_s=2))
    server.on("GET /user", OK)
    for _ in range(100):
        looker.get("me", "/user")
        fake_time.now_s += 0.1
    assert 5 <= looker.logins <= 7
    assert not [request for request in server.seen("/user") if not request.headers.get("authorization")]


def test_a_token_that_dies_early_costs_no_call(server: Scripted, looker: Looker) -> None:
    count = iter(range(1, 1000))
    issued: list[str] = []

    def log_in(_: Request) -> Answer:
        issued.append(f"token-{next(count)}")
        return token(issued[-1])

    def serve(request: Request) -> Answer:
        is_spent = len(server.seen("/user")) % 3 == 0
        return answer(401, {}) if is_spent or request.headers["authorization"] != f"Bearer {issued[-1]}" else OK

    server.always("POST /login", log_in)
    server.always("GET /user", serve)
    assert all(looker.get("me", "/user").status == 200 for _ in range(20))


def test_wrong_credentials_are_said_so_without_the_secret(server: Scripted, looker: Looker) -> None:
    server.on("POST /login", answer(404, NOT_FOUND | {"message": f"Not found {SECRET}"}))
    with pytest.raises(errors.LoginRefused, match=r"client id the-id.*check client_id and client_secret") as caught:
        looker.get("me", "/user")
    assert server.base_url in str(caught.value)
    assert SECRET not in repr(caught.value) + str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("status", [400, 403, 500])
def test_no_failed_login_quotes_what_was_sent(server: Scripted, looker: Looker, status: int) -> None:
    server.on("POST /login", answer(status, {"message": f"cannot use client_secret={SECRET}"}))
    with pytest.raises(errors.LookerError, match=f"login: Looker answered {status}") as caught:
        looker.log_in()
    assert SECRET not in repr(caught.value) + str(caught.value)


def test_wrong_credentials_are_sent_once_whatever_the_number_of_threads(server: Scripted, looker: Looker) -> None:
    server.on("POST /login", answer(404, NOT_FOUND))
    results = many(10, lambda _: looker.get("me", "/user"))
    assert all(isinstance(result, errors.LoginRefused) for result in results)
    assert len(server.seen("/login")) == 1


@pytest.mark.parametrize("said", [html(200, "Welcome"), answer(200, {"hello": 1}), answer(302, b"")])
def test_what_is_no_looker_api_is_the_wrong_host(server: Scripted, looker: Looker, said: Answer) -> None:
    server.on("POST /login", said)
    with pytest.raises(errors.WrongHost, match="base_url"):
        looker.log_in()


def test_a_login_is_tried_again_when_looker_is_overloaded(server: Scripted, looker: Looker) -> None:
    server.on("POST /login", LIMITED, answer(503), RESET_BEFORE_ANSWER, token())
    looker.log_in()
    assert len(server.seen("/login")) == 4


def test_closing_logs_out(server: Scripted) -> None:
    with Looker(connection_to(server.base_url)) as client:
        client.log_in()
    [request] = server.seen("/logout")
    assert (request.method, request.headers["authorization"]) == ("DELETE", "Bearer token-1")


def test_a_logout_that_fails_is_of_no_consequence(server: Scripted) -> None:
    server.on("DELETE /logout", RESET_BEFORE_ANSWER)
    with Looker(connection_to(server.base_url)) as client:
        client.log_in()


def test_the_secret_is_in_no_repr() -> None:
    connection = connection_to("http://localhost:1")
    assert SECRET not in f"{connection!r} {connection} {Looker(connection).__dict__!r}"


@pytest.mark.parametrize("said", NOT_SERVED)
def test_a_login_that_a_404_of_others_answers_names_both_causes(server: Scripted, looker: Looker, said: Answer) -> None:
    server.on("POST /login", said, token())
    looker.log_in()
    server.on("POST /login", said)
    with (
        Looker(connection_to(server.base_url), sleep=lambda _: None) as other,
        pytest.raises(errors.NotServed) as caught,
    ):
        other.log_in()
    assert "no Looker instance runs at this address" in str(caught.value)
    assert "client_id and client_secret" in str(caught.value)
    assert "\n" not in str(caught.value)
