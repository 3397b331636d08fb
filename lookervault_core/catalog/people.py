"""Users, what is set on them, and the groups that they are in."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    Collection,
    ContentType,
    NaturalKey,
    Protected,
    RecreatedDifferently,
    Ref,
    Shown,
    WriteFacts,
    crud,
    part,
    words,
)

# The logins of identity providers, by their field.
PROVIDERS = {
    "credentials_saml": "SAML",
    "credentials_oidc": "OpenID Connect",
    "credentials_google": "Google",
    "credentials_ldap": "LDAP",
    "credentials_workforce": "workforce identity",
    "credentials_looker_openid": "Looker's OpenID",
}
_OF_GROUPS = ("name", "can_add_to_content_metadata", "parent_group_ids")

ROWS = (
    ContentType(
        name="users",
        singular="user",
        payload="User",
        listing="paged",
        list=Call("all_users", "/users"),
        by_id=Call("user", "/users/{id}"),
        census=Call("search_users", "/users/search", {"fields": "id"}),
        census_paged=True,
        sorts="id",
        page_size=200,
        name_fields=("display_name", "email"),
        nobody="nobody",
        in_lists=True,
        writes=WriteFacts(
            schema="User",
            **crud("user", "/users"),
            writable=words("first_name last_name is_disabled locale home_folder_id can_manage_api3_creds"),
            forced=("email", "login", "external_user_id", "credentials_api3", "service_account_name", *PROVIDERS),
            references=(Ref("home_folder_id", "folders", optional=True),),
            # A user is made without a login, which has a call of its own.
            natural=(
                NaturalKey(("email",)),
                NaturalKey(("external_user_id",)),
                NaturalKey(("service_account_name",)),
                NaturalKey(("first_name", "last_name", "is_disabled"), False, newborn=True),
            ),
            protected=(
                Protected("verified_looker_employee", True, "a login of Looker's own support", passing=True),
                Protected("presumed_looker_employee", True, "a login of Looker's own support", passing=True),
            ),
            late=("home_folder_id",),
            more_creates=("create_embed_user", "create_service_account"),
            looked_at=7,
            recreated_differently=(
                RecreatedDifferently(
                    "password",
                    "a new login by e-mail has none: send the user a link to set it",
                    "credentials_email",
                    "email",
                ),
                RecreatedDifferently(
                    "first_name, last_name, locale",
                    "a service account is made with its name only (OpenAPI 4.0.26.12)",
                    "service_account_name",
                ),
                RecreatedDifferently(
                    "credentials_totp",
                    "two-factor login must be set up again by its user",
                    "credentials_totp",
                    is_shown=True,
                ),
                RecreatedDifferently(
                    "credentials_api3",
                    "API keys that are gone cannot be made again: make new ones in Looker",
                    "credentials_api3",
                    is_shown=True,
                ),
            ),
            additions={"email": "this login was added since the backup; --exact takes it away"},
            irremovable="Looker trashes what a deleted user owns and drops their schedules: disable or delete it in Looker",
        ),
    ),
    part(
        "user_attribute_values",
        "users",
        # Effective values with their `source`: only those set on the user may ever be written back.
        Call("user_attribute_user_values", "/users/{id}/attribute_values"),
        payload="UserAttributeWithValue",
        audited=True,
        writes=WriteFacts(
            forced=("hidden",),
            references=(
                Ref("values[].user_attribute_id", "user_attributes", optional=True),
                Ref("hidden[]", "user_attributes", optional=True),
            ),
            collections=(Collection("values", ("user_attribute_id",), unread="hidden"), Collection("hidden")),
            fixed={"hidden": "hidden values cannot be read through the API: none is written, none is taken away"},
        ),
    ),
    ContentType(
        name="groups",
        singular="group",
        payload="GroupHierarchy",
        listing="paged",
        # The only listing that also has parent_group_ids and role_ids.
        list=Call("search_groups_with_hierarchy", "/groups/search/with_hierarchy"),
        by_id=Call("search_groups_with_hierarchy", "/groups/search/with_hierarchy", {"id": "{id}"}),
        unwrap=True,
        exists=Call("group", "/groups/{id}"),
        census=Call("all_groups", "/groups", {"fields": "id"}),
        census_paged=True,
        sorts="id",
        full_keys=("parent_group_ids", "role_ids"),
        writes=WriteFacts(
            schema="Group",
            **crud("group", "/groups"),
            writable=words("name can_add_to_content_metadata"),
            joins=("it joins group {0}", "it leaves group {0}"),
            forced=("parent_group_ids",),
            references=(Ref("parent_group_ids[]", "groups", optional=True),),
            # Two identity providers, or two embedding applications, may use one id; a name may be given to two groups of theirs.
            natural=(
                NaturalKey(("name",), unless="external_group_id"),
                NaturalKey(("external_group_id",), at_home=True),
            ),
            protected=(
                # Groups are put into others by calls on those (OpenAPI 4.0.26.12, add_group_group).
                Protected("include_by_default", True, "the group of all users is Looker's own", _OF_GROUPS),
                # "Group membership controlled outside of Looker" (OpenAPI 4.0.26.12, Group): who is in it, no more.
                Protected("externally_managed", True, "its members come from the identity provider", _OF_GROUPS),
            ),
            collections=(Collection("parent_group_ids"),),
            unsent={"include_by_default": "whether new users come into it is set in Looker: no call writes it"},
            recreated_differently=(
                RecreatedDifferently(
                    "external_group_id",
                    "no call gives it: who embeds Looker or signs people in knows the group by it, and may make another one",
                    "external_group_id",
                ),
            ),
            late=("parent_group_ids",),
        ),
    ),
    # The direct members only; the one part that Looker pages.
    part(
        "group_users",
        "groups",
        Call("all_group_users", "/groups/{id}/users", {"fields": "id"}),
        sorts="id",
        payload="User",
        audited=True,
        # "Array of ids of the groups for this user" and "Number of users included in this group" (OpenAPI 4.0.26.12, User, Group).
        shown=Shown(
            "users",
            "group_ids",
            "group_ids",
            counted=Call("search_groups", "/groups/search", {"fields": "id,user_count"}),
        ),
        writes=WriteFacts(
            references=(Ref("members[]", "users", optional=True),),
            collections=(Collection("members"),),
            joins=("{0} joins group {1}", "{0} leaves group {1}"),
            protected_with_owner=True,
        ),
    ),
)
