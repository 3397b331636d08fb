"""What people may do and see: permission sets, model sets, roles and user attributes."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    Collection,
    ContentType,
    NaturalKey,
    Protected,
    Ref,
    Shown,
    WriteFacts,
    crud,
    part,
    words,
)

ROWS = (
    ContentType(
        name="permission_sets",
        singular="permission_set",
        payload="PermissionSet",
        list=Call("all_permission_sets", "/permission_sets"),
        by_id=Call("permission_set", "/permission_sets/{id}"),
        census=Call("search_permission_sets", "/permission_sets/search", {"fields": "id"}),
        census_paged=True,
        writes=WriteFacts(
            schema="PermissionSet",
            **crud("permission_set", "/permission_sets"),
            writable=words("name permissions"),
            natural=(NaturalKey(("name",)),),
            protected=(
                Protected("built_in", True, "built into Looker"),
                Protected("all_access", True, "built into Looker"),
            ),
        ),
    ),
    ContentType(
        name="model_sets",
        singular="model_set",
        payload="ModelSet",
        list=Call("all_model_sets", "/model_sets"),
        by_id=Call("model_set", "/model_sets/{id}"),
        census=Call("search_model_sets", "/model_sets/search", {"fields": "id"}),
        census_paged=True,
        writes=WriteFacts(
            schema="ModelSet",
            **crud("model_set", "/model_sets"),
            writable=words("name models"),
            natural=(NaturalKey(("name",)),),
            protected=(
                Protected("built_in", True, "built into Looker"),
                Protected("all_access", True, "built into Looker"),
            ),
        ),
    ),
    ContentType(
        name="roles",
        singular="role",
        payload="Role",
        list=Call("all_roles", "/roles"),
        by_id=Call("role", "/roles/{id}"),
        census=Call("search_roles", "/roles/search", {"fields": "id"}),
        census_paged=True,
        writes=WriteFacts(
            schema="Role",
            **crud("role", "/roles"),
            writable=words("name permission_set_id model_set_id"),
            references=(Ref("permission_set_id", "permission_sets"), Ref("model_set_id", "model_sets")),
            natural=(NaturalKey(("name",)),),
            protected=(
                Protected("internal", True, "a role of Looker's own"),
                Protected("name", "Admin", "the Admin role is Looker's own"),
            ),
        ),
    ),
    part(
        "role_groups",
        "roles",
        Call("role_groups", "/roles/{id}/groups", {"fields": "id"}),
        payload="Group",
        audited=True,
        # "Role IDs assigned to group" (OpenAPI 4.0.26.12, GroupHierarchy).
        shown=Shown("groups", "role_ids", "parent_group_ids", "role_ids"),
        writes=WriteFacts(
            references=(Ref("members[]", "groups", optional=True),),
            collections=(Collection("members"),),
            joins=("group {0} gets role {1}", "group {0} loses role {1}"),
        ),
    ),
    part(
        "role_users",
        "roles",
        # Without direct_association_only the users inherited through groups are mixed in.
        Call("role_users", "/roles/{id}/users", {"fields": "id", "direct_association_only": True}),
        payload="User",
        audited=True,
        # "Array of ids of the roles for this user" (OpenAPI 4.0.26.12, User).
        shown=Shown("users", "role_ids", "group_ids", "role_ids"),
        writes=WriteFacts(
            references=(Ref("members[]", "users", optional=True),),
            collections=(Collection("members"),),
            joins=("{0} gets role {1}", "{0} loses role {1}"),
        ),
    ),
    ContentType(
        name="user_attributes",
        singular="user_attribute",
        payload="UserAttribute",
        list=Call("all_user_attributes", "/user_attributes"),
        by_id=Call("user_attribute", "/user_attributes/{id}"),
        census=Call("all_user_attributes", "/user_attributes", {"fields": "id"}),
        name_fields=("label", "name"),
        writes=WriteFacts(
            schema="UserAttribute",
            **crud("user_attribute", "/user_attributes"),
            writable=words(
                "name label type default_value value_is_hidden user_can_view user_can_edit hidden_value_domain_whitelist "
                "needed_for_ci_run value_for_ci_run"
            ),
            natural=(NaturalKey(("name",)), NaturalKey(("label",))),
            protected=(Protected("is_system", True, "a system attribute"),),
            permanent=(Protected("is_permanent", True, "it is permanent, and Looker deletes no such attribute"),),
            lasting={
                "hidden_value_domain_whitelist": "it cannot change once it is set",
                "value_is_hidden": "Looker does not show hidden values again: make the attribute anew",
            },
        ),
    ),
    part(
        "user_attribute_group_values",
        "user_attributes",
        Call("all_user_attribute_group_values", "/user_attributes/{id}/group_values"),
        payload="UserAttributeGroupValue",
        audited=True,
        writes=WriteFacts(
            forced=("hidden",),
            references=(Ref("values[].group_id", "groups", optional=True), Ref("hidden[]", "groups", optional=True)),
            collections=(Collection("values", ("group_id",), unread="hidden"), Collection("hidden")),
            in_order=True,
            fixed={"hidden": "hidden values cannot be read through the API: none is written, none is taken away"},
        ),
    ),
)
