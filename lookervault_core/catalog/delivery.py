"""What sends mails and messages: alerts and scheduled plans."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import Call, ContentType, NaturalKey, Ref, WriteFacts, crud, words

_ANYBODYS = {"all_users": True, "fields": "id,enabled"}

ALERTS = ContentType(
    name="alerts",
    singular="alert",
    payload="Alert",
    # search_alerts has no sorts, so it is never paged; without all_owners only the caller's own alerts come back.
    list=Call("search_alerts", "/alerts/search", {"all_owners": True}),
    by_id=Call("get_alert", "/alerts/{id}"),
    census=Call("search_alerts", "/alerts/search", {"all_owners": True, "fields": "id"}),
    # No page says that the search gives disabled ones without being asked for them.
    other_states=(Call("search_alerts", "/alerts/search", {"all_owners": True, "disabled": True}),),
    name_fields=("custom_title", "description"),
    shape="plan",
    unsorted=True,
    writes=WriteFacts(
        schema="Alert",
        sent_whole=True,
        **crud("alert", "/alerts", replace="update_alert"),
        writable=words(
            "applied_dashboard_filters comparison_type cron query_id custom_url_base custom_url_params custom_url_label "
            "show_custom_url custom_title dashboard_element_id description enhancements destinations field is_disabled "
            "disabled_reason is_public investigative_content_type investigative_content_id lookml_dashboard_id "
            "lookml_link_id owner_id threshold"
        ),
        references=(
            Ref("dashboard_element_id", "dashboard_elements"),
            Ref("query_id", "queries", optional=True),
            Ref("owner_id", "users"),  # see `scheduled_plans`
            Ref("investigative_content_id", "dashboards", optional=True),
            Ref("destinations[].action_hub_integration_id", "integrations", optional=True, needs_one=True),
            Ref("description", kind="links"),
            Ref("custom_url_base", kind="links"),
        ),
        natural=(
            NaturalKey(
                ("dashboard_element_id", "lookml_link_id", "owner_id", "field", "comparison_type", "threshold", "cron"),
                False,
            ),
            # Alerts outlive their owners, and go on; and an owner may give one away.
            NaturalKey(
                ("dashboard_element_id", "lookml_link_id", "field", "comparison_type", "threshold", "cron"),
                False,
                ownerless="owner_id",
            ),
        ),
        shows=("custom_title", "description"),
        late=("is_disabled",),
        born={"is_disabled": True},
    ),
)

SCHEDULED_PLANS = ContentType(
    name="scheduled_plans",
    poll=Call("all_scheduled_plans", "/scheduled_plans", {"all_users": True, "fields": "id,updated_at"}),
    singular="scheduled_plan",
    payload="ScheduledPlan",
    # Without all_users only the caller's own plans come back.
    list=Call("all_scheduled_plans", "/scheduled_plans", {"all_users": True}, db_query=True),
    by_id=Call("scheduled_plan", "/scheduled_plans/{id}", db_query=True),
    census=Call("all_scheduled_plans", "/scheduled_plans", {"all_users": True, "fields": "id"}, db_query=True),
    # From release 26.18 on (SDK 26.18); before that two tools ask System Activity for disabled plans.
    every_state=Call(
        "search_scheduled_plans", "/scheduled_plans/search", {"all_users": True, "all_states": True}, db_query=True
    ),
    listed_on={
        name: Call(f"scheduled_plans_for_{of}", f"/scheduled_plans/{of}/{{id}}", _ANYBODYS, db_query=True)
        for name, of in (("dashboards", "dashboard"), ("looks", "look"), ("lookml_dashboards", "lookml_dashboard"))
    },
    shape="plan",
    writes=WriteFacts(
        schema="ScheduledPlan",
        **crud("scheduled_plan", "/scheduled_plans"),
        writable=words(
            "name user_id run_as_recipient enabled look_id dashboard_id lookml_dashboard_id filters_string dashboard_filters "
            "require_results require_no_results require_change send_all_results crontab datagroup timezone "
            "scheduled_plan_destination include_links include_dashboard_summary custom_url_base custom_url_params "
            "custom_url_label show_custom_url pdf_paper_size pdf_landscape embed color_theme long_tables pdf_page_breaks "
            "tab_ids inline_table_width query_id"
        ),
        references=(
            # Without its owner it would belong to the API user, and send what an admin may see.
            Ref("user_id", "users"),
            Ref("look_id", "looks"),
            Ref("dashboard_id", "dashboards"),
            Ref("query_id", "queries"),
            Ref("color_theme", "themes", kind="name"),
            Ref("tab_ids[]", "dashboard_layouts", optional=True),
            # Not the messages of its destinations: to write those is to lose their secrets.
            Ref("custom_url_base", kind="links"),
            Ref("scheduled_plan_destination[].type", kind="hub"),
        ),
        natural=(
            NaturalKey(("name", "user_id", "look_id", "dashboard_id", "lookml_dashboard_id", "query_id"), False),
            # Many people have a plan of that name, but at the same times.
            NaturalKey(
                words("name look_id dashboard_id lookml_dashboard_id query_id crontab datagroup timezone"),
                False,
                ownerless="user_id",
            ),
        ),
        shows=words("crontab datagroup timezone filters_string"),
        # Their key or password is in secret_parameters (OpenAPI 4.0.26.12, ScheduledPlanDestination).
        # "Whether the plan in question should only be run once" (OpenAPI 4.0.26.12); one that is made so runs there and then.
        unsent={"run_once": "to write it would send the plan there and then"},
        secrets={"scheduled_plan_destination": ("s3", "sftp")},
        late=("enabled",),
        born={"enabled": False},
    ),
)
