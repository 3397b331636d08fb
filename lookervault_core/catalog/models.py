"""LookML models with their explores, and the connections that they query."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    ContentType,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    WriteCall,
    WriteFacts,
    crud,
    part,
    words,
)

# The password, the certificate and its type are written and never read (OpenAPI 4.0.26.12, DBConnection).
_CONNECTION = words(
    "name named_driver_version_requested host port username uses_key_pair_auth database db_timezone query_timezone schema "
    "max_connections max_queries max_queries_per_user max_billing_gigabytes ssl verify_ssl tmp_db_name tmp_db_host "
    "jdbc_additional_params pool_timeout dialect_name user_db_credentials user_attribute_fields maintenance_cron "
    "sql_runner_precache_tables sql_writing_with_info_schema after_connect_statements pdt_context_override custom_local_port "
    "tunnel_id uses_tns pdt_concurrency disable_context_comment oauth_application_id always_retry_failed_builds "
    "uses_application_default_credentials impersonated_service_account cost_estimate_enabled pdt_api_control_enabled "
    "connection_pooling bq_storage_project_id bq_roles_verified query_holding_disabled service_name"
)
_UNREADABLE = "Looker never shows it, so no backup has it: enter it in Looker, or nothing can be queried"
ROWS = (
    ContentType(
        name="lookml_models",
        singular="lookml_model",
        payload="LookmlModel",
        # all_lookml_models pages but cannot sort, so it is read in one call.
        list=Call("all_lookml_models", "/lookml_models", {"include_internal": True, "include_self_service": True}),
        by_id=Call("lookml_model", "/lookml_models/{id}"),
        census=Call(
            "all_lookml_models",
            "/lookml_models",
            {"include_internal": True, "include_self_service": True, "fields": "name"},
        ),
        id_field="name",
        unsorted=True,
        writes=WriteFacts(
            schema="LookmlModel",
            **crud("lookml_model", "/lookml_models"),
            writable=words("name project_name allowed_db_connection_names unlimited_db_connections"),
            natural=(NaturalKey(("name",)),),
            references=(Ref("allowed_db_connection_names[]", "connections", kind="name"),),
        ),
    ),
    part(
        "explores",
        "lookml_models",
        Call("lookml_model_explore", "/lookml_models/{head}/explores/{tail}"),
        part_of=None,
        singular="explore",
        audited=True,
        name_fields=("label", "name"),
        restorable=False,
        archive=True,
    ),
)

CONNECTIONS = ContentType(
    name="connections",
    singular="connection",
    payload="DBConnection",
    list=Call("all_connections", "/connections"),
    by_id=Call("connection", "/connections/{id}"),
    census=Call("all_connections", "/connections", {"fields": "name"}),
    id_field="name",
    writes=WriteFacts(
        schema="DBConnection",
        create=WriteCall("create_connection", "POST", "/connections"),
        update=WriteCall("update_connection", "PATCH", "/connections/{id}"),
        delete=WriteCall("delete_connection", "DELETE", "/connections/{id}"),
        writable=_CONNECTION,
        forced=("has_password",),
        # Of one that is there only these are written: what they name may have been made anew.
        references=(
            Ref("tunnel_id", "ssh_tunnels", optional=True),
            Ref("oauth_application_id", "external_oauth_applications", optional=True),
        ),
        natural=(NaturalKey(("name",)),),
        protected=(
            Protected("managed", True, "Looker makes and manages it"),
            Protected("example", True, "an example of Looker's own"),
        ),
        fixed=dict.fromkeys(
            set(_CONNECTION) - {"tunnel_id", "oauth_application_id"},
            "one that is there is left alone: change it in Looker, which tests it",
        )
        | {"has_password": "its password is in no backup: enter it in Looker"},
        recreated_differently=(
            RecreatedDifferently("password", _UNREADABLE, "has_password"),
            RecreatedDifferently("certificate", _UNREADABLE, "uses_service_auth"),
            RecreatedDifferently("certificate", _UNREADABLE, "uses_key_pair_auth"),
            RecreatedDifferently("pdt_context_override.password", _UNREADABLE, "pdt_context_override"),
        ),
        irremovable="the models that use it would stop working: delete it in Looker",
    ),
)
