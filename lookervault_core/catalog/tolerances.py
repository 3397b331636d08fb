"""How two values may differ and still be the same: one table, each row with its reason. Any other difference counts.

A person who looks at Looker, or anybody whose data it filters, must not be able to tell the two apart. So `""` is not null, null
is not `[]`, and `true` is not 1."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

import msgspec

# Providers of identities, as Looker's description calls their schemas.
PROVIDERS = ("LDAP", "OIDC", "Saml")
Rule = Literal["by value", "null is no key", "any order", "blank is null", "whether, not when", "not while", "shaped"]


class Tolerance(msgspec.Struct, frozen=True):
    """One way in which two values may differ and still be the same. `fields` are `type.field`, or say in words where it holds."""

    rule: Rule
    fields: tuple[str, ...]
    reason: str


TOLERANCES = (
    Tolerance(
        "by value",
        ("every number",),
        "1.10, 1.1 and 11e-1 are one number; how Looker writes it is up to Looker. What is stored and sent keeps its digits",
    ),
    Tolerance(
        "null is no key",
        ("every object whose keys Looker's description names",),
        "releases differ in whether they show a field without a value. Not in what is free form (the settings of a chart or of a "
        "filter, a user's own): there a null is a choice of its own",
    ),
    Tolerance(
        "any order",
        (
            "content_metadata_accesses.accesses",
            "group_users.members",
            "groups.parent_group_ids",
            "instance_settings.default_new_user_group_ids",
            "instance_settings.default_new_user_role_ids",
            "instance_settings.entries",
            "instance_settings.groups_with_role_ids",
            "instance_settings.groups_with_role_ids.role_ids",
            "instance_settings.user_attributes_with_ids",
            "instance_settings.user_attributes_with_ids.user_attribute_ids",
            "role_groups.members",
            "role_users.members",
            "user_attribute_group_values.hidden",
            "user_attribute_values.hidden",
            "user_attribute_values.values",
        ),
        "who is in it, or may do what, is a set: Looker gives it in the order of the day",
    ),
    Tolerance(
        "any order",
        (
            "instance_settings.egress_ip_addresses",
            "instance_settings.email_domain_allowlist",
            "instance_settings.embed_config.alert_url_allowlist",
            "instance_settings.embed_config.domain_allowlist",
            "instance_settings.scopes",
        ),
        "what is allowed or asked for is a set: nothing comes first in it",
    ),
    Tolerance(
        "any order",
        ("ci_suites.secrets", "ci_suites.suites"),
        "a project has its suites, and none comes first",
    ),
    Tolerance(
        "any order",
        ("lookml_models.allowed_db_connection_names", "model_sets.models", "permission_sets.permissions"),
        "a set of names: Looker sorts or shuffles it as it likes",
    ),
    Tolerance(
        "any order",
        ("scheduled_plans.scheduled_plan_destination",),
        "each gets its own delivery. To write them only for their order would cost those by S3 and SFTP their secrets, which no "
        "backup has",
    ),
    Tolerance(
        "blank is null",
        ("users.first_name", "users.last_name"),
        'a name that is written as null is shown as "" (test of the official SDK), and both are no name',
    ),
    Tolerance(
        "blank is null",
        ("integrations.params.value",),
        'the parameter is not set either way: Looker ignores a null that is written and takes "" for it',
    ),
    Tolerance(
        "whether, not when",
        ("board_sections.deleted_at",),
        "whether it is in the trash counts; the time is of the deletion, and Looker sets it",
    ),
    Tolerance(
        "not while",
        ("lookml_models.allowed_db_connection_names",),
        "with unlimited_db_connections Looker works the list out: every connection there is, also one made tomorrow",
    ),
    Tolerance(
        "shaped",
        ("dashboards.certification", "looks.certification", "dashboard_elements.certification_metadata"),
        "whether it is certified and with what note: who did it and when Looker notes itself, and a revoked seal shows nothing",
    ),
    Tolerance(
        "shaped",
        ("dashboard_elements.look_id", "dashboard_elements.query", "dashboard_elements.merge_query"),
        "a tile shows one of them, and a query by what it asks, not by its number; what is left over of the others shows nothing",
    ),
    Tolerance(
        "shaped",
        ("boards.section_order", "board_sections.item_order"),
        "an order may go on naming what is gone; only what is there can be put in order",
    ),
    Tolerance(
        "shaped",
        ("dashboard_elements.dashboard_layout_id",),
        "a tile need not say on which tab it is, for its place does; where the backup does not, it is the tab of its place",
    ),
    Tolerance(
        "shaped",
        ("places of tiles that are gone",),
        "a tab may keep the place of a tile that is gone: there is nothing at it",
    ),
    Tolerance(
        "shaped",
        ("alerts.investigative_content_id",),
        "it names a dashboard where investigative_content_type says so, and nothing otherwise",
    ),
)

_MAPPINGS = (
    "default_new_user_groups",
    "default_new_user_roles",
    "groups",
    "groups_with_role_ids",
    "user_attributes",
    "user_attributes_with_ids",
)
# Lists in payloads whose order says nothing, by schema: a payload in which only that differs is no new version.
ROWS_IN_ANY_ORDER: Mapping[str, tuple[str, ...]] = {
    "Board": ("board_sections",),
    "BoardSection": ("board_items",),
    "Dashboard": ("dashboard_elements", "dashboard_filters", "dashboard_layouts"),
    "DashboardLayout": ("dashboard_layout_components",),
    "EgressIpAddresses": ("egress_ip_addresses",),
    "EmbedConfig": ("alert_url_allowlist", "domain_allowlist"),
    "GroupHierarchy": ("parent_group_ids", "role_ids"),
    "LDAPConfig": _MAPPINGS,
    "LookmlModel": ("allowed_db_connection_names", "explores"),
    "ModelSet": ("models",),
    "OIDCConfig": (*_MAPPINGS, "scopes"),
    "PermissionSet": ("permissions",),
    "ScheduledPlan": ("scheduled_plan_destination",),
    "SamlConfig": _MAPPINGS,
    **{f"{provider}GroupRead": ("roles",) for provider in PROVIDERS},
    **{f"{provider}GroupWrite": ("role_ids",) for provider in PROVIDERS},
    **{f"{provider}UserAttributeRead": ("user_attributes",) for provider in PROVIDERS},
    **{f"{provider}UserAttributeWrite": ("user_attribute_ids",) for provider in PROVIDERS},
    "Setting": ("email_domain_allowlist",),
    "User": ("group_ids", "role_ids"),
}

_BY_FIELD: Mapping[tuple[str, str], str] = {
    (field, row.rule): row.reason for row in TOLERANCES for field in row.fields if "." in field and " " not in field
}


def tolerates(rule: Rule, content_type: str, field: str) -> bool:
    """Return whether *rule* holds for a field of a type."""
    return (f"{content_type}.{field}", rule) in _BY_FIELD


@cache
def sets_within(content_type: str, field: str) -> frozenset[str]:
    """Return the keys inside *field* (an object, or a list of objects) whose lists may come in any order."""
    inside = f"{content_type}.{field}."
    return frozenset(
        one.removeprefix(inside) for one, rule in _BY_FIELD if rule == "any order" and one.startswith(inside)
    )
