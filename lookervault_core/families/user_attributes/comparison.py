"""Compare the other fields that Looker shows of attribute values, beyond the value itself."""

from __future__ import annotations

from collections.abc import Callable

from lookervault_core.diff.difference import Difference, Rules
from lookervault_core.diff.documents.references import Resolve
from lookervault_core.families.comparison import Comparison
from lookervault_core.families.inside import compare_rows
from lookervault_core.families.user_attributes.shape import OF_GROUPS, OF_USERS


def _rows(schema: str, key: str, to: str) -> Callable[[Difference, Resolve, Rules], None]:
    return lambda one, resolve, rules: compare_rows(one, resolve, rules, schema, {key: to}, "hidden")


COMPARISONS = {
    "user_attribute_values": Comparison(fields=_rows(OF_USERS, "user_attribute_id", "user_attributes")),
    "user_attribute_group_values": Comparison(fields=_rows(OF_GROUPS, "group_id", "groups")),
}
