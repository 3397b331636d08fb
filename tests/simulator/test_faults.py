"""Every kind of misbehaviour happens as its rule says, and everything is counted."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.conftest import until


def _statuses(api, count, path="/folders", **params) -> list[int]:
    return [api.ask(path, **params).status_code for _ in range(count)]


@pytest.mark.parametrize("kind", ["429", "500", "502", "503", "504", "500_html", "401"])
def test_a_status_comes_on_every_nth_request(fresh, kind) -> None:
    simulator, api = fresh()
    rule = simulator.faults.add(kind, operation="all_folders", every=2)
    status = int(kind[:3])
    assert _statuses(api, 4) == [200, status, 200, status]
    assert rule.fired == 2


def test_429_tells_when_to_come_back_unless_told_not_to(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("429", first=1, retry_after_s=3)
    assert api.ask("/folders").headers["Retry-After"] == "3"
    simulator.faults.add("429", first=1, retry_after_s=None)
    assert "Retry-After" not in api.ask("/folders").headers


def test_rules_choose_by_operation_offset_and_order(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("500", operation="search_dashboards", offset=2, first=1)
    simulator.faults.add("503", operation="all_*", after=1, first=1)
    assert _statuses(api, 1, "/dashboards/search", limit=2, offset=0) == [200]
    assert _statuses(api, 2, "/dashboards/search", limit=2, offset=2) == [500, 200]
    assert _statuses(api, 3) == [200, 503, 200]


def test_html_can_come_with_status_200(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("html_200", first=1)
    assert api.ask("/folders").text.startswith("<html>")


@pytest.mark.parametrize("kind", ["reset_before", "reset_after"])
def test_a_connection_can_be_reset(fresh, kind) -> None:
    simulator, api = fresh()
    simulator.faults.add(kind, first=1)
    with pytest.raises(requests.ConnectionError):
        api.ask("/folders")
    assert api.ask("/folders").status_code == 200
    assert simulator.calls.by_status["0"] == 1


def test_a_body_can_end_too_early(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("truncate", first=1)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        api.ask("/dashboards/search")


def test_an_answer_can_be_slow(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("slow", first=1, delay_s=0.3)
    begin = time.monotonic()
    api.ask("/folders")
    assert time.monotonic() - begin > 0.3


@pytest.mark.parametrize("kind", ["hold", "hold_answer"])
def test_a_request_is_held_until_the_rule_is_lifted(fresh, kind) -> None:
    simulator, api = fresh()
    rule = simulator.faults.add(kind, operation="all_folders")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(api.ask, "/folders")
        until(lambda: rule.fired)
        assert api.ask("/boards").status_code == 200, "nothing else is held"
        assert not asked.done()
        simulator.faults.lift(rule)
        assert asked.result().status_code == 200


def test_what_is_held_is_never_carried_out_once_its_client_is_gone(fresh) -> None:
    simulator, api = fresh()
    rule = simulator.faults.add("hold", operation="create_folder")
    before = len(simulator.world["folders"])
    with pytest.raises(requests.ReadTimeout):
        api.session.post(f"{api.base_url}/api/4.0/folders", json={"name": "Late", "parent_id": "1"}, timeout=0.2)
    assert rule.fired
    until(lambda: simulator.calls.by_status["0"])
    simulator.faults.clear()
    assert len(simulator.world["folders"]) == before


def test_tokens_can_be_revoked_in_the_middle(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("revoke", after=1, first=1)
    assert _statuses(api, 3) == [200, 401, 401]


def test_a_poisoned_object_spoils_every_answer_that_shows_it(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("poison", type="dashboards", id="2")
    assert api.ask("/dashboards/search", sorts="id", limit=2).status_code == 500
    assert api.ask("/dashboards/search", sorts="id", limit=2, offset=2).status_code == 200
    assert api.ask("/dashboards/2").status_code == 500
    assert api.ask("/looks/2").status_code == 200


def test_churn_makes_unlocked_paging_miss_a_row(fresh) -> None:
    simulator, api = fresh()
    before = api.ids("/dashboards/search", sorts="id")
    simulator.faults.add("churn", operation="search_dashboards", type="dashboards", action="delete", after=1, first=1)
    seen = [i for at in (0, 2, 4) for i in api.ids("/dashboards/search", sorts="id", limit=2, offset=at)]
    after = api.ids("/dashboards/search", sorts="id")
    assert before[:2] + before[3:] == seen
    assert set(after) - set(seen) == {before[2]}


def test_a_hook_can_change_the_instance_between_pages(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("churn", operation="all_looks", hook=lambda world: world["looks"].change("1", title="changed"))
    assert {row["title"] for row in api.get("/looks") if row["id"] == "1"} == {"changed"}


def test_the_rate_limit_refuses_what_is_over_it(fresh) -> None:
    simulator, api = fresh(rate_limit_rps=5)
    statuses = _statuses(api, 8)
    assert statuses.count(429) >= 3
    assert simulator.calls.most_within(1) >= 8


def test_calls_are_counted_by_operation_class_and_second(fresh) -> None:
    simulator, api = fresh()
    simulator.calls.reset()
    for path in ("/folders", "/scheduled_plans", "/versions"):
        api.ask(path)
    found = requests.get(f"{simulator.base_url}/_sim/calls", timeout=10).json()
    assert found["by_operation"] == {"all_folders": 1, "all_scheduled_plans": 1, "versions": 1}
    assert found["by_class"] == {"db_query": 1, "non_query": 1, "none": 1}
    assert sum(found["per_second"]) == found["total"] == 3
    assert found["max_concurrent"] == 1


def test_everything_works_over_http_too(fresh) -> None:
    simulator, api = fresh()

    def control(method: str, path: str, **body) -> requests.Response:
        return requests.request(method, f"{simulator.base_url}/_sim/{path}", json=body or None, timeout=10)

    before = control("GET", "counts").json()["dashboards"]
    assert control("POST", "faults", kind="500", operation="all_folders").status_code == 200
    assert api.ask("/folders").status_code == 500
    assert control("GET", "faults").json()[0]["fired"] == 1
    control("DELETE", "faults")
    assert api.ask("/folders").status_code == 200
    (new,) = control("POST", "mutate", action="create", type="dashboards", values={"title": "new"}).json()["ids"]
    assert api.get(f"/dashboards/{new}")["title"] == "new"
    assert len(api.get(f"/dashboards/{new}")["dashboard_elements"]) == len(
        api.get("/dashboards/1")["dashboard_elements"]
    )
    control("POST", "mutate", action="trash", type="dashboards", id=new)
    assert control("GET", "counts").json()["dashboards"] == before
    control("POST", "mutate", action="delete", type="dashboards", id=new)
    assert api.ask(f"/dashboards/{new}").status_code == 404
    assert control("POST", "faults", kind="nonsense").status_code == 422
    assert control("POST", "mutate", action="update", type="dashboards", id="0").status_code == 422
    assert control("POST", "reset_calls").json() == {}
    assert control("POST", "revoke_tokens").json() == {}
    assert api.ask("/folders").status_code == 401


def test_a_new_object_can_take_some_reads_to_be_seen(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("lag", operation="create_group", first=1, reads=2)
    group = api.post("/groups", {"name": "slow"})["id"]
    assert _statuses(api, 3, f"/groups/{group}") == [404, 404, 200]
    other = api.post("/groups", {"name": "quick"})["id"]
    assert _statuses(api, 1, f"/groups/{other}") == [200]


def test_a_new_object_can_take_some_writes_to_be_seen(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("lag", operation="create_board", first=1, reads=0, writes=2)
    board = api.post("/boards", {"title": "slow"})["id"]
    assert _statuses(api, 1, f"/boards/{board}") == [200]
    assert api.send("PATCH", f"/boards/{board}", {"title": "too early"}).status_code == 404
    assert api.send("POST", "/board_sections", {"board_id": board}).status_code == 404
    assert api.post("/board_sections", {"board_id": board})["board_id"] == board


def test_a_write_is_carried_out_although_its_answer_is_lost(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("reset_after", method="POST", first=1)
    with pytest.raises(requests.ConnectionError):
        api.post("/groups", {"name": "lost"})
    assert [row["name"] for row in api.get("/groups/search", name="lost")] == ["lost"]


def test_every_nth_write_can_be_refused(fresh) -> None:
    simulator, api = fresh()
    simulator.faults.add("422", method="write", every=3)
    answers = [api.send("POST", "/groups", {"name": f"g{n}"}) for n in range(6)]
    assert [one.status_code for one in answers] == [200, 200, 422] * 2
    assert answers[2].json()["errors"][0]["code"] == "invalid"
    assert len(api.get("/groups/search", name="g%")) == 4
    assert type(api)(simulator.base_url).ask("/folders").status_code == 200
