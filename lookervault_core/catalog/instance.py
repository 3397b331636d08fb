"""The settings of the instance: one item for each document of them."""

from __future__ import annotations

from lookervault_core.catalog.vocabulary import (
    Call,
    Collection,
    ContentType,
    Document,
    Ref,
    WriteCall,
    WriteFacts,
    words,
)

_PICTURE = "Looker takes a picture and never gives it back: upload it in Looker"
_UNSHOWN = "its secret is in no backup: enter it in Looker"
_NO_WRITE = "no call writes it"
# Who maps groups and attributes of an identity provider shows each mapping twice, once with all that it leads to.
_MAPPED = words(
    "can url modified_at modified_by test_slug groups user_attributes default_new_user_roles default_new_user_groups"
)


def _patched(read: str, write: str, path: str, schema: str, written_at: str = "") -> tuple[Call, WriteCall, str]:
    return Call(read, path), WriteCall(write, "PATCH", written_at or path), schema


def _login(name: str, schema: str, **more: object) -> Document:
    call, write, _ = _patched(name, f"update_{name}", f"/{name}", schema)
    return Document(call, write, schema, login=True, unshown=_MAPPED, **more)  # ty: ignore[invalid-argument-type]


DOCUMENTS: dict[str, Document] = {
    "setting": Document(
        *_patched("get_setting", "set_setting", "/setting", "Setting"),
        unshown=words(
            "instance_config marketplace_site embed_config.permissions embed_config.embed_enabled "
            # Documents of their own.
            "custom_welcome_email privatelabel_configuration"
        ),
        never={
            "host_url": "people and links reach Looker under it: change it in Looker, which warns of what that breaks",
            "marketplace_terms_accepted": "terms are accepted by people, and once for all",
            "embed_enabled": _NO_WRITE,
            "login_notification_enabled": _NO_WRITE,
            "login_notification_text": _NO_WRITE,
        },
        away={"managed_certificate_uri": "it names secrets of the other instance's project"},
    ),
    "whitelabel_configuration": Document(
        Call("whitelabel_configuration", "/whitelabel_configuration"),
        WriteCall("update_whitelabel_configuration", "PUT", "/whitelabel_configuration"),
        "WhitelabelConfiguration",
        unshown=("id", "can"),
        never={"logo_url": _PICTURE, "favicon_url": _PICTURE},
        whole=True,
    ),
    # Without the parameter the release decides whether a mail goes out to try it.
    "custom_welcome_email": Document(
        *_patched(
            "custom_welcome_email",
            "update_custom_welcome_email",
            "/custom_welcome_email",
            "CustomWelcomeEmail",
            "/custom_welcome_email?send_test_welcome_email=false",
        )
    ),
    "digest_emails_enabled": Document(
        *_patched("digest_emails_enabled", "update_digest_emails_enabled", "/digest_emails_enabled", "DigestEmails")
    ),
    "internal_help_resources": Document(
        *_patched(
            "internal_help_resources",
            "update_internal_help_resources",
            "/internal_help_resources_enabled",
            "InternalHelpResources",
            "/internal_help_resources",
        ),
        unshown=("can",),
    ),
    "internal_help_resources_content": Document(
        *_patched(
            "internal_help_resources_content",
            "update_internal_help_resources_content",
            "/internal_help_resources_content",
            "InternalHelpResourcesContent",
        ),
        unshown=("can",),
    ),
    "support_access_allowlist": Document(
        Call("get_support_access_allowlist_entries", "/support_access/allowlist"),
        WriteCall("add_support_access_allowlist_entries", "POST", "/support_access/allowlist"),
    ),
    "cloud_storage_configuration": Document(
        *_patched(
            "cloud_storage_configuration",
            "update_cloud_storage_configuration",
            "/cloud_storage",
            "BackupConfiguration",
        ),
        unshown=("can", "url"),
        away={
            "type": _UNSHOWN,
            "custom_s3_bucket": "it is where the other instance keeps its backups",
            "custom_s3_bucket_region": "it is where the other instance keeps its backups",
        },
    ),
    "mobile_settings": Document(Call("mobile_settings", "/mobile/settings"), unshown=("can",)),
    "public_egress_ip_addresses": Document(
        Call("public_egress_ip_addresses", "/public_egress_ip_addresses"), schema="EgressIpAddresses"
    ),
    "saml_config": _login("saml_config", "SamlConfig"),
    "ldap_config": _login("ldap_config", "LDAPConfig", never={"has_auth_password": _UNSHOWN}),
    "oidc_config": _login("oidc_config", "OIDCConfig"),
    "workforce_config": _login("workforce_config", "WorkforceConfig"),
    "password_config": Document(
        *_patched("password_config", "update_password_config", "/password_config", "PasswordConfig"),
        login=True,
        unshown=("can", "policy_enabled_at"),
    ),
    "session_config": Document(
        *_patched("session_config", "update_session_config", "/session_config", "SessionConfig"),
        login=True,
        unshown=("can",),
    ),
}

ALLOWLIST = "support_access_allowlist"
LEAVE_ALLOWLIST = WriteCall("delete_support_access_allowlist_entry", "DELETE", "/support_access/allowlist/{other}")

ROWS = (
    ContentType(
        name="instance_settings",
        singular="instance_setting",
        list=Call("get_setting", "/setting"),
        listing="targets",
        many=False,
        targets_from="instance_settings",
        name_fields=(),
        documents=DOCUMENTS,
        optional=True,
        writes=WriteFacts(
            references=(
                Ref("default_new_user_role_ids[]", "roles", optional=True),
                Ref("default_new_user_group_ids[]", "groups", optional=True),
                Ref("groups_with_role_ids[].role_ids[]", "roles", optional=True),
                Ref("user_attributes_with_ids[].user_attribute_ids[]", "user_attributes", optional=True),
            ),
            collections=(Collection("entries", ("email",)),),
            absent="this Looker does not have it, or its feature is off there",
        ),
    ),
)
