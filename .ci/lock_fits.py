"""Exit with 1 unless requirements.lock pins, with hashes, every dependency of pyproject.toml and all that these need."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?P<rest>(?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


def main() -> int:
    """Print each misfit to stderr."""
    pinned = {canonicalize_name(m["name"]): m["version"] for m in PIN.finditer(Path("requirements.lock").read_text())}
    bare = [m["name"] for m in PIN.finditer(Path("requirements.lock").read_text()) if "--hash=sha256:" not in m["rest"]]
    project = tomllib.loads(Path("pyproject.toml").read_text())
    groups = [one for group in project["dependency-groups"].values() for one in group]
    wrong = [f"{name}: no hash" for name in bare]
    waiting, seen = [Requirement(one) for one in (*project["project"]["dependencies"], *groups)], set()
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in pinned or not one.specifier.contains(pinned[name], prereleases=True):
            wrong.append(f"{one}: the lock has {pinned.get(name, 'nothing')}")
        elif (name, *sorted(one.extras)) not in seen:
            seen.add((name, *sorted(one.extras)))
            waiting += needs(one) if _is_installed_as(name, pinned[name]) else []
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return bool(wrong)


def needs(one: Requirement) -> list[Requirement]:
    """Return what an installed distribution requires here, with the extras that *one* asks for."""
    extras = one.extras or {""}
    required = (Requirement(text) for text in metadata.requires(one.name) or ())
    return [r for r in required if r.marker is None or any(r.marker.evaluate({"extra": extra}) for extra in extras)]


def _is_installed_as(name: str, version: str) -> bool:
    """Only the release that the lock pins can say what that release needs."""
    try:
        return metadata.version(name) == version
    except metadata.PackageNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(main())
