"""The volatile paths of a type: what may differ between two payloads of an unchanged object, for `codec.same_payload`.

A name is volatile where Looker's description puts it and nowhere else: a key `can` in the settings of a chart is somebody's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from lookervault_core.catalog.tolerances import PROVIDERS, ROWS_IN_ANY_ORDER
from lookervault_core.catalog.uncompared import volatile
from lookervault_core.catalog.vocabulary import ContentType

_LOGINS = ("google", "ldap", "looker_openid", "oidc", "saml", "totp", "workforce")
# The schemas of the objects that stand in others.
NESTED: Mapping[str, Mapping[str, str]] = {
    "Agent": {"golden_queries": "GoldenQuery"},
    "Board": {"board_sections": "BoardSection"},
    "BoardSection": {"board_items": "BoardItem"},
    "ContentFavorite": {"dashboard": "DashboardBase", "look": "LookBasic", "lookml_dashboard": "DashboardBase"},
    "Dashboard": {
        "dashboard_elements": "DashboardElement",
        "dashboard_filters": "DashboardFilter",
        "dashboard_layouts": "DashboardLayout",
        "folder": "FolderBase",
    },
    "DashboardBase": {"folder": "FolderBase"},
    "DashboardElement": {"look": "LookWithQuery", "query": "Query", "result_maker": "ResultMaker"},
    "DashboardLayout": {"dashboard_layout_components": "DashboardLayoutComponent"},
    "Folder": {"dashboards": "DashboardBase", "looks": "LookWithDashboards"},
    "LookWithDashboards": {"dashboards": "DashboardBase", "folder": "FolderBase"},
    "LookWithQuery": {"folder": "FolderBase", "query": "Query"},
    "ProjectWorkspace": {"git_branch": "GitBranch"},
    "ResultMaker": {"query": "Query"},
    **{
        f"{provider}Config": {
            "default_new_user_groups": "Group",
            "default_new_user_roles": "Role",
            "groups": f"{provider}GroupRead",
            "groups_with_role_ids": f"{provider}GroupWrite",
            "user_attributes": f"{provider}UserAttributeRead",
            "user_attributes_with_ids": f"{provider}UserAttributeWrite",
        }
        for provider in PROVIDERS
    },
    **{f"{provider}GroupRead": {"roles": "Role"} for provider in PROVIDERS},
    "Role": {"model_set": "ModelSet", "permission_set": "PermissionSet"},
    "ScheduledPlan": {"user": "UserPublic"},
    "Setting": {"embed_config": "EmbedConfig"},
    "User": {
        "credentials_api3": "CredentialsApi3",
        "credentials_email": "CredentialsEmail",
        "credentials_embed": "CredentialsEmbed",
        **{f"credentials_{name}": "CredentialsEmbed" for name in _LOGINS},
    },
}


def volatile_of(row: ContentType) -> frozenset[str]:
    """Return the volatile paths of a type's payloads; for a type with several documents, those of all of them."""
    schemas = {document.schema for document in row.documents.values()} | {row.payload}
    return frozenset().union(*map(may_differ, schemas))


@cache
def may_differ(schema: str) -> frozenset[str]:
    """Return the volatile paths of payloads of a *schema*; for "", an unknown schema, only `can`, the caller's rights."""
    return frozenset(_paths(schema)) if schema else frozenset({"can"})


def _paths(schema: str, prefix: str = "") -> Iterator[str]:
    yield from (prefix + field for field in volatile(schema))
    yield from (prefix + field + "[]" for field in ROWS_IN_ANY_ORDER.get(schema, ()))
    for field, inner in NESTED.get(schema, {}).items():
        yield from _paths(inner, f"{prefix}{field}.")
