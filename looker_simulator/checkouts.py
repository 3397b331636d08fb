"""What Looker has checked out of git: which commit of each project is in production, and who signs in to imported remotes.

Paths: OpenAPI 4.0.26.12.
"""

import hashlib

from looker_simulator import schema
from looker_simulator.calls import Call, Operation, Reply, json_reply, not_found
from looker_simulator.reading import shown
from looker_simulator.shapes import define, show
from looker_simulator.shapes_content import can
from looker_simulator.table import Row
from looker_simulator.world import World

WORKSPACE = define("ProjectWorkspace", {"can": can})
CREDENTIAL = define("RepositoryCredential", {"can": can})


def _workspace(call: Call) -> Reply:
    row = call.world["project_workspaces"].get(call.path["project_id"])
    if row is None:
        raise not_found()
    return shown(call, WORKSPACE, row)


def _credentials(call: Call) -> Reply:
    project = call.path["root_project_id"]
    if project not in call.world["projects"]:
        raise not_found()
    rows = call.world["repository_credentials"].where("root_project_id", project)
    return json_reply([show(call.world, CREDENTIAL, row) for row in rows])


OPERATIONS = [
    Operation("project_workspace", "GET", "/projects/{project_id}/current_workspace", _workspace, admin_only=True),
    Operation(
        "get_all_repository_credentials",
        "GET",
        "/projects/{root_project_id}/credentials",
        _credentials,
        admin_only=True,
    ),
]


def populate(world: World) -> None:
    """Deploy each project, and let it import from one remote."""
    for project in list(world["projects"]):
        name = project["id"]
        world["project_workspaces"].add(_deployed(name))
        values = {
            "remote_url": f"https://git.example/{name}-shared.git",
            "git_username": "looker",
            "is_configured": True,
        }
        row = schema.new("RepositoryCredential", root_project_id=name, **values)
        world["repository_credentials"].add({key: value for key, value in row.items() if key not in ("id", "can")})


def _deployed(name: str) -> Row:
    commit = hashlib.sha256(name.encode()).hexdigest()[:40]
    flags = {"is_local": True, "is_remote": True, "is_production": True, "commit_at": 1_780_000_000}
    branch = schema.new(
        "GitBranch", name="main", remote="origin", remote_name="main", ref=commit, remote_ref=commit, **flags
    )
    row = schema.new(
        "ProjectWorkspace", project_id=name, workspace_id="production", git_status="no_changes", git_head=commit
    )
    branch = {key: value for key, value in branch.items() if key != "can"}
    return {key: value for key, value in row.items() if key != "can"} | {"git_branch": branch}
