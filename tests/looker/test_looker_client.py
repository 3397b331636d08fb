"""The client against a real socket: requests, retries, pace, budget and accounts."""

from __future__ import annotations

import threading

import pytest

from lookervault_core import errors
from lookervault_core.looker.client import Looker, segment
from tests.conftest import until
from tests.looker.scripted import (
    LIMITED,
    NOT_FOUND,
    NOT_SERVED,
    OK,
    RESET_BEFORE_ANSWER,
    Answer,
    FakeTime,
    Scripted,
    answer,
    connection_to,
    html,
    many,
)

# Requests


def test_parameters_are_written_as_looker_reads_them(server: Scripted, looker: Looker) -> None:
    server.on("GET /folders", OK)
    looker.get("search", "/folders", {"a": True, "b": ["1", "2"], "c": None, "d": "x y&z", "e": 5, "f": False})
    assert server.seen("/folders")[0].target.endswith("?a=true&b=1,2&d=x+y%26z&e=5&f=false")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("model::name", "model%3A%3Aname"), ("50%25", "50%2525"), ("a/b c", "a%2Fb%20c"), ("é", "%C3%A9")],
)
def test_a_path_segment_is_quoted_whatever_it_looks_like(
    server: Scripted, looker: Looker, name: str, quoted: str
) -> None:
    server.on(f"GET /x/{quoted}", OK)
    assert looker.get("x", f"/x/{segment(name)}").status == 200


@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_a_body_is_sent_byte_for_byte(server: Scripted, looker: Looker, method: str) -> None:
    server.on(f"{method.upper()} /looks/1", answer(200, b""))
    getattr(looker, method)("call", "/looks/1", b'{"a": null}')
    [request] = server.seen("/looks/1")
    assert (request.body, request.headers["content-type"]) == (b'{"a": null}', "application/json")


# Retries


@pytest.mark.parametrize(
    "fault",
    [LIMITED, answer(503), html(500, "Oops"), html(200, "Sign in"), RESET_BEFORE_ANSWER, answer(200, b'[{"id":')],
)
def test_a_read_is_repeated_after_a_transient_fault(server: Scripted, looker: Looker, fault: Answer) -> None:
    server.on("GET /user", fault, fault, OK)
    assert looker.get("me", "/user").body == b'{"id": "1"}'
    assert (looker.calls["me"].calls, looker.calls["me"].retries) == (3, 2)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 422])
def test_a_permanent_refusal_is_not_repeated(server: Scripted, looker: Looker, status: int) -> None:
    server.on("GET /user", answer(status, NOT_FOUND))
    with pytest.raises(errors.LookerError, match=f"me user 7: Looker answered {status}"):
        looker.get("me", "/user", item="user 7")
    assert len(server.seen("/user")) == 1


@pytest.mark.parametrize("said", NOT_SERVED)
def test_a_404_that_is_not_lookers_own_is_an_outage_that_is_waited_for(
    server: Scripted, looker: Looker, said: Answer
) -> None:
    server.on("GET /user", said, said, OK)
    assert looker.get("me", "/user").body == b'{"id": "1"}'
    server.on("GET /user", said)
    with pytest.raises(
        errors.NotServed, match=r"me: something before Looker answered 404.*nothing is taken for absent"
    ):
        looker.get("me", "/user")
    assert len(server.seen("/user")) > 4


@pytest.mark.parametrize("fault", [RESET_BEFORE_ANSWER, html(500, "Oops"), answer(502), html(200, "x")])
def test_a_create_is_not_repeated_after_a_lost_answer(server: Scripted, looker: Looker, fault: Answer) -> None:
    server.on("POST /looks", fault, OK)
    with pytest.raises(errors.LookerError) as caught:
        looker.post("create_look", "/looks", b"{}")
    assert caught.value.transient
    assert len(server.seen("/looks")) == 1


@pytest.mark.parametrize("fault", [LIMITED, answer(503)])
def test_a_create_that_looker_surely_did_not_do_is_repeated(server: Scripted, looker: Looker, fault: Answer) -> None:
    server.on("POST /looks", fault, OK)
    looker.post("create_look", "/looks", b"{}")
    assert len(server.seen("/looks")) == 2


def test_an_idempotent_create_is_repeated_after_a_lost_answer(server: Scripted, looker: Looker) -> None:
    server.on("POST /queries", RESET_BEFORE_ANSWER, OK)
    looker.post("create_query", "/queries", b"{}", idempotent=True)
    assert len(server.seen("/queries")) == 2


def test_attempts_are_bounded_and_the_last_error_comes_out(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", html(500, "Oops"))
    with pytest.raises(errors.ServerFault, match="me: Looker answered 500: Oops"):
        looker.get("me", "/user")
    assert len(server.seen("/user")) == 5


def test_retry_after_is_honoured(server: Scripted, looker: Looker, fake_time: FakeTime) -> None:
    server.on("GET /user", answer(429, {"message": "no"}, Retry_After="20"), OK)
    start_s = fake_time.now_s
    looker.get("me", "/user")
    assert 20 <= fake_time.now_s - start_s < 25


def test_a_retry_after_beyond_the_deadline_is_raised_at_once(
    server: Scripted, looker: Looker, fake_time: FakeTime
) -> None:
    server.on("GET /user", answer(429, {"message": "no"}, Retry_After="3600"))
    start_s = fake_time.now_s
    with pytest.raises(errors.RateLimited) as caught:
        looker.get("me", "/user")
    assert caught.value.retry_after_s == 3600
    assert fake_time.now_s == start_s


def test_waiting_for_looker_can_be_stopped(server: Scripted) -> None:
    stop = threading.Event()
    server.on("GET /user", answer(429, {"message": "no"}, Retry_After="60"))
    client = Looker(connection_to(server.base_url), stop=stop)
    refused = threading.Thread(target=lambda: (until(lambda: client.limiter.factor < 1), stop.set()))
    refused.start()
    with pytest.raises(errors.Interrupted):
        client.get("me", "/user")
    refused.join()


def test_an_error_makes_no_other_request(server: Scripted, looker: Looker) -> None:
    """The SDK fetches ``documentation_url`` of an error from the internet, twice."""
    url = f"{server.base_url}/docs.looker.com/r/err/4.0/404/get/user"
    server.on("GET /user", answer(404, {"message": "Not found", "documentation_url": url}))
    with pytest.raises(errors.Missing):
        looker.get("me", "/user")
    assert [request.path for request in server.requests] == ["/login", "/user"]


# Pace and budget


def test_the_rate_that_looker_observes_stays_under_the_limit(server: Scripted) -> None:
    """Over the whole run: what a busy machine does to the moments of arrival must not count."""
    server.on("GET /user", OK)
    with Looker(connection_to(server.base_url), per_second=10) as client:
        client.log_in()
        many(25, lambda _: client.get("me", "/user"), threads=8)
    times = [request.at_s for request in server.requests if request.method != "DELETE"]
    assert len(times) - 10 <= 10 * (times[-1] - times[0])


def test_a_429_of_one_worker_holds_the_others_back(server: Scripted) -> None:
    server.on("GET /user", OK)
    server.on("GET /limited", answer(429, {"message": "no"}, Retry_After="1"), OK)
    with Looker(connection_to(server.base_url), per_second=0) as client:
        client.get("me", "/user")
        other = threading.Thread(target=lambda: client.get("limited", "/limited"))
        other.start()
        until(lambda: client.limiter.factor < 1)
        client.get("me", "/user")
        other.join()
        assert client.limiter.factor < 1
    assert server.seen("/user")[1].at_s - server.seen("/limited")[0].at_s >= 1.0


def test_successes_bring_the_pace_back(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", LIMITED, OK)
    looker.get("me", "/user")
    slowed = looker.limiter.factor
    looker.get("me", "/user")
    assert 0.5 <= slowed < looker.limiter.factor <= 1


def test_the_budget_is_exact_under_threads(server: Scripted) -> None:
    server.on("GET /user", OK)
    with Looker(connection_to(server.base_url), per_second=0, max_calls=37) as client:
        results = many(100, lambda _: client.get("me", "/user"))
        assert client.requests == 37
    assert sum(isinstance(result, errors.BudgetSpent) for result in results) == 63
    assert len(server.seen("/user")) == 37


def test_retries_are_paid_from_the_budget(server: Scripted, fake_time: FakeTime) -> None:
    server.on("GET /user", answer(503))
    client = Looker(
        connection_to(server.base_url), max_calls=2, clock=fake_time.clock, sleep=fake_time.sleep, random=lambda: 0.5
    )
    with pytest.raises(errors.BudgetSpent, match="--max-calls"):
        client.get("me", "/user")
    assert len(server.seen("/user")) == 2


# Accounts and helpers


def test_every_request_is_accounted_for(server: Scripted, looker: Looker) -> None:
    server.on("GET /user", answer(503), RESET_BEFORE_ANSWER, OK)
    server.on("GET /looks", answer(200, []))
    looker.get("me", "/user")
    looker.get("all_looks", "/looks")
    assert looker.calls["me"].errors == {503: 1, 0: 1}
    assert looker.calls["all_looks"].bytes == 2
    total = looker.accounts.total()
    assert (total.calls, total.retries, looker.requests) == (4, 2, 4)


def test_the_release_is_asked_once(server: Scripted, looker: Looker) -> None:
    server.on("GET /versions", answer(200, {"looker_release_version": "26.12.7"}))
    assert (looker.release, looker.release) == ("26.12.7", "26.12.7")
    assert len(server.seen("/versions")) == 1


ADMIN = {"name": "Admin", "permission_set": {"name": "Admin", "all_access": True}}
VIEWER = {"name": "Viewer", "permission_set": {"name": "Viewer", "all_access": False}}


@pytest.mark.parametrize(
    ("direct", "through_groups", "expected"),
    [
        ([ADMIN], [], True),
        ([VIEWER], [VIEWER], False),
        ([VIEWER], [VIEWER, ADMIN], True),
        ([{"name": "x", "permission_set": {"all_access": True}}], [], True),
        ([{"name": "x", "permission_set": None}], [], False),
    ],
)
def test_an_admin_is_known_by_the_roles(
    server: Scripted, looker: Looker, direct: list[object], through_groups: list[object], expected: bool
) -> None:
    server.on("GET /user", answer(200, {"id": "7", "role_ids": ["1", "2"]}))
    server.on("GET /roles", answer(200, direct))
    server.on("GET /users/7/roles", answer(200, through_groups))
    assert looker.is_admin() is expected
    assert server.seen("/roles")[0].target.endswith("?ids=1,2")
