"""Pages, order, criteria and projections behave as the API description says."""

import pytest


def test_without_sorts_the_order_changes_from_call_to_call(api) -> None:
    orders = {tuple(api.ids("/dashboards/search", fields="id")) for _ in range(5)}
    assert len(orders) > 1
    assert len({frozenset(order) for order in orders}) == 1


def test_sorted_by_id_is_numeric_and_stable(api) -> None:
    ids = api.ids("/dashboards/search", fields="id", sorts="id")
    assert ids == sorted(ids, key=int)
    assert ids == api.ids("/dashboards/search", fields="id", sorts="id")
    assert ids == api.ids("/dashboards/search", fields="id", sorts="id desc")[::-1]


def test_pages_add_up(api) -> None:
    pages = [i for at in range(0, 91, 7) for i in api.ids("/looks/search", fields="id", sorts="id", limit=7, offset=at)]
    assert pages == api.ids("/looks/search", fields="id", sorts="id")


def test_limit_and_offset_win_over_page_and_per_page(api) -> None:
    ids = api.ids("/users", fields="id", sorts="id")
    assert api.ids("/users", fields="id", sorts="id", page=2, per_page=5) == ids[5:10]
    assert api.ids("/users", fields="id", sorts="id", page=2, per_page=5, limit=3, offset=1) == ids[1:4]


def test_dashboards_cannot_be_sorted_by_updated_at_but_looks_can(api) -> None:
    assert api.ask("/dashboards/search", sorts="updated_at").status_code == 400
    assert api.ask("/looks/search", sorts="updated_at desc,id").status_code == 200


@pytest.mark.parametrize("parameter", ["limit", "offset"])
def test_a_page_that_is_no_number_is_refused(api, parameter) -> None:
    assert api.ask("/users", **{parameter: "many"}).status_code == 400


def test_fields_select_inside_parentheses_and_ignore_unknown_names(api) -> None:
    row = api.get(
        "/dashboards/search",
        fields="id,nonsense,folder(id,name),dashboard_elements(id,query(slug))",
        sorts="id",
        limit=1,
    )[0]
    assert set(row) == {"id", "folder", "dashboard_elements"}
    assert set(row["folder"]) == {"id", "name"}
    assert set(row["dashboard_elements"][0]) == {"id", "query"}


def test_text_criteria_are_like_patterns_over_the_whole_value_in_any_case(api) -> None:
    titles = [row["title"] for row in api.get("/dashboards/search", fields="title")]
    assert api.get("/dashboards/search", title=titles[0][:4]) == []
    found = api.get("/dashboards/search", title="A_B%C", fields="title")
    assert {row["title"] for row in found} == {title for title in titles if title in ("a_b%c", "aXbYc")}


def test_comma_lists_null_criteria_and_filter_or(api) -> None:
    assert sorted(api.ids("/dashboards/search", id="1,3,999", fields="id")) == ["1", "3"]
    undescribed = api.ids("/dashboards/search", description="IS NULL", fields="id")
    described = api.ids("/dashboards/search", description="NOT NULL", fields="id")
    assert undescribed
    assert len(undescribed) + len(described) == len(api.ids("/dashboards/search", fields="id"))
    assert set(api.ids("/looks/search", id="1", query_id="2", filter_or="true", fields="id")) >= {"1"}


def test_ids_are_taken_as_comma_list_or_json(api) -> None:
    assert sorted(api.ids("/users", ids="1,2", fields="id")) == ["1", "2"]
    assert sorted(api.ids("/users", ids='["1","2"]', fields="id")) == ["1", "2"]


def test_trash_shows_only_on_demand_but_can_be_got_by_id(api) -> None:
    trash = api.ids("/dashboards/search", deleted="true", fields="id")
    assert trash
    assert not set(trash) & set(api.ids("/dashboards", fields="id"))
    assert api.get(f"/dashboards/{trash[0]}")["deleted"] is True


def test_totals_come_only_with_a_limit_and_can_be_switched_off(api, fresh) -> None:
    assert "X-Total-Count" not in api.ask("/dashboards/search", sorts="id").headers
    paged = api.ask("/dashboards/search", sorts="id", limit=10, offset=10, fields="id")
    assert paged.headers["X-Total-Count"] == "60"
    assert {'rel="first"', 'rel="prev"', 'rel="next"', 'rel="last"'} <= set(
        paged.headers["Link"].replace(",", ";").split("; ")
    )
    _, silent = fresh(totals_headers=False)
    assert "Link" not in silent.ask("/dashboards/search", sorts="id", limit=2).headers


def test_a_page_cap_holds_for_everything_that_has_pages(fresh) -> None:
    _, api = fresh(page_cap=2)
    assert len(api.get("/dashboards/search", limit=100)) == 2
    assert len(api.get("/users")) == 2
    assert len(api.get("/dashboards")) > 2


def test_plans_alerts_and_role_users_are_partial_unless_asked_for_all(api) -> None:
    assert len(api.get("/scheduled_plans")) < len(api.get("/scheduled_plans", all_users="true")) == 24
    assert len(api.get("/alerts/search")) < len(api.get("/alerts/search", all_owners="true")) == 14
    role = next(role for role in api.get("/roles") if api.get(f"/roles/{role['id']}/groups"))
    assert len(api.get(f"/roles/{role['id']}/users", direct_association_only="true")) < len(
        api.get(f"/roles/{role['id']}/users")
    )


def test_content_metadata_lists_need_their_parent(api) -> None:
    assert api.ask("/content_metadata").status_code == 400
    assert api.ask("/content_metadata_access").status_code == 400


def test_attribute_values_say_where_they_come_from_and_hide_what_is_hidden(api) -> None:
    values = [row for user in api.ids("/users") for row in api.get(f"/users/{user}/attribute_values")]
    assert {"User", "Group", "Default"} <= {row["source"] for row in values}
    assert all(row["value"] is None for row in values if row["value_is_hidden"])
