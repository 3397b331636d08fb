"""The official SDK works against the simulator."""

import looker_sdk
import pytest
from looker_sdk import models40 as models
from looker_sdk.error import SDKError
from looker_sdk.rtl import api_settings
from looker_sdk.rtl.model import EXPLICIT_NULL


@pytest.fixture(scope="module")
def sdk(looker):
    class Settings(api_settings.ApiSettings):
        def read_config(self):
            return {
                "base_url": looker.base_url,
                "client_id": "simulator",
                "client_secret": "simulator-secret",
                "verify_ssl": "false",
            }

    return looker_sdk.init40(config_settings=Settings())


def test_typed_calls_return_models(sdk, looker) -> None:
    assert "Admin" in {role.name for role in sdk.all_roles(ids=sdk.me().role_ids)}
    assert len(sdk.all_users(sorts="id", limit=10)) == 10
    dashboards = sdk.search_dashboards(limit=5, sorts="id")
    assert dashboards[0].dashboard_elements
    assert sdk.dashboard(dashboards[0].id).title == dashboards[0].title
    assert all(look.query for look in sdk.folder_looks(dashboards[1].folder_id))
    assert len(sdk.all_scheduled_plans(all_users=True)) == 24
    assert sdk.search_alerts(all_owners=True)[0].field.name


def test_raw_text_is_what_the_instance_sent(sdk, api) -> None:
    text = sdk.get("/dashboards/1", structure=str)
    assert text == api.ask("/dashboards/1").text


def test_errors_become_sdk_errors(sdk) -> None:
    with pytest.raises(SDKError, match="Not found"):
        sdk.dashboard("999999")


def test_typed_writes_are_understood(w) -> None:
    class Settings(api_settings.ApiSettings):
        def read_config(self):
            key = {"client_id": "simulator", "client_secret": "simulator-secret", "verify_ssl": "false"}
            return {"base_url": w.base_url} | key

    sdk = looker_sdk.init40(config_settings=Settings())
    query = sdk.create_query(models.WriteQuery(model="m", view="v", fields=["v.sdk"]))
    folder = sdk.me().personal_folder_id
    made = sdk.create_dashboard(models.WriteDashboard(title="by the SDK", folder_id=folder, description="d"))
    tile = sdk.create_dashboard_element(
        models.WriteDashboardElement(dashboard_id=made.id, type="vis", query_id=query.id), apply_filters=False
    )
    assert made.id
    assert tile.query
    assert tile.query.fields == ["v.sdk"]
    cleared = sdk.update_dashboard(made.id, models.WriteDashboard(description=EXPLICIT_NULL, deleted=True))
    assert (cleared.description, cleared.deleted, len(cleared.dashboard_elements or ())) == (None, True, 1)
    sdk.delete_dashboard(made.id)
    with pytest.raises(SDKError):
        sdk.dashboard(made.id)
