"""The ``fields`` parameter: which properties of a shape a caller wants."""

from typing import Any

Fields = dict[str, "Fields | None"]


def parse(text: str) -> Fields:
    """Return the wanted names; a name with parentheses leads to the names inside: ``id,folder(id,name)``.

    Unknown names are the caller's business: projection simply never meets them. Unbalanced
    parentheses are read as far as they go.
    """
    root: Fields = {}
    stack = [root]
    name = ""
    for char in text + ",":
        if char == "(":
            inner: Fields = {}
            stack[-1][name.strip()] = inner
            stack.append(inner)
            name = ""
        elif char in ",)":
            if name.strip():
                stack[-1].setdefault(name.strip(), None)
            name = ""
            if char == ")" and len(stack) > 1:
                stack.pop()
        else:
            name += char
    return root


def prune(value: Any, wanted: Fields | None) -> Any:
    """Return *value* with only the wanted properties, at every level; lists are pruned row by row."""
    if not wanted:
        return value
    if isinstance(value, list):
        return [prune(item, wanted) for item in value]
    if isinstance(value, dict):
        return {name: prune(item, wanted[name]) for name, item in value.items() if name in wanted}
    return value
