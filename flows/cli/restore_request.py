"""The options of restore commands, and one command's options in the forms that the flow and core take."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from flows.cli.connection import reaching_settings
from flows.cli.log_lines import listening
from flows.cli.naming import At, object_of, snapshot_of
from flows.cli.options import (
    AsJson,
    Block,
    Config,
    DbPath,
    MaxCalls,
    PerMinute,
    PerSecond,
    SnapshotId,
    Verbose,
    Workers,
    Yes,
)
from lookervault_core.catalog import row
from lookervault_core.catalog.looking_up import HOLDER
from lookervault_core.settings import Settings, load_settings
from lookervault_core.vault import Vault


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one restore command, named as the parameters of the flow; only `verbose`, how much is shown, is none of
    these."""

    types: list[str] | None = None
    item_id: str | None = None
    folder: str | None = None
    snapshot: int | None = None
    only_types: list[str] | None = None
    exclude_types: list[str] | None = None
    exact: bool = False
    with_dependencies: bool = False
    skip_if_modified: bool = False
    skip_validation: bool = False
    skip_id_mapping: bool = False
    target: str | None = None
    deliveries: str | None = None
    owner: str | None = None
    include_login_settings: bool = False
    workers: int | None = None
    checkpoint_interval: int = 100
    max_retries: int = 5
    max_dlq_size: int = 0
    rate_limit_per_second: float | None = None
    rate_limit_per_minute: float | None = None
    max_calls: int | None = None
    resume: str | None = None
    db_path: Path | None = None
    config: Path | None = None
    credentials_block: str | None = None
    verbose: bool = False

    def settings(self) -> Settings:
        """Return the settings in force with the options of the command."""
        return listening(load_settings(self.config, **self._given()))

    def reaching(self) -> Settings:
        """Return the settings in force with the connection of the Prefect block that they name, if any."""
        return reaching_settings(self.config, **self._given())

    def _given(self) -> dict[str, Any]:
        names = (
            "workers",
            "rate_limit_per_second",
            "rate_limit_per_minute",
            "max_calls",
            "db_path",
            "credentials_block",
            "deliveries",
        )
        return {name: getattr(self, name) for name in names}

    def core(self) -> Any:
        """Return the request as the `RestoreRequest` of core."""
        from lookervault_core.restore.request import RestoreOptions, RestoreRequest, selected

        own = {
            name
            for name in RestoreOptions.__struct_fields__
            if name not in ("label", "workers", "retry_delay_s", "undo_of", "revert_of", "handed_over", "theirs")
        }
        settings = self.settings()
        given: dict[str, Any] = {name: getattr(self, name) for name in own} | {"deliveries": settings.deliveries}
        options = RestoreOptions(workers=settings.workers, **given)
        selection = selected(self.types, self.item_id, self.folder, self.only_types, self.exclude_types)
        return RestoreRequest(selection, options, self.snapshot, self.resume)

    def resolved(self, at: str | None) -> Request:
        """Return the request with names replaced by ids and the time *at* by a snapshot."""
        kind = self.types[0] if self.types and len(self.types) == 1 else None
        if at is None and self.item_id is None and self.folder is None:
            return self
        name = row(kind).name if kind else None
        with Vault.open(Path(self.settings().db_path), read_only=True) as vault:
            snapshot = snapshot_of(vault, self.snapshot, at, name)
            item_id, folder = self.item_id, self.folder
            if item_id is not None and name:
                item_id = object_of(vault, name, item_id, snapshot).id
            if folder is not None:
                folder = object_of(vault, HOLDER, folder, snapshot).id
        return msgspec.structs.replace(self, snapshot=snapshot, item_id=item_id, folder=folder)

    def parameters(self) -> dict[str, Any]:
        """Return the options that were given as parameters of the flow."""
        settings = self.settings()
        found = {name: getattr(self, name) for name in self.__struct_fields__ if name != "verbose"}
        found |= {
            "workers": settings.workers,
            "db_path": str(settings.db_path),
            "credentials_block": settings.credentials_block,
            "config": self.config and str(self.config),
        }
        return {name: value for name, value in found.items() if value is not None}


def _shared(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan; write nothing")] = False,
    rehearse: Annotated[
        bool,
        typer.Option("--rehearse", help="First do the same on a twin of what Looker has now; see docs/rehearsal.md"),
    ] = False,
    yes: Yes = False,
    snapshot: SnapshotId = None,
    at: At = None,
    skip_if_modified: Annotated[
        bool, typer.Option("--skip-if-modified", help="Leave alone what changed in Looker since the backup")
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Also remove what the backup does not have; see docs/coverage.md")
    ] = False,
    with_dependencies: Annotated[
        bool, typer.Option("--with-dependencies", help="Also restore what is needed and missing")
    ] = False,
    only_types: Annotated[
        list[str] | None, typer.Option(metavar="TYPE", help="Only this type; give it several times, or with commas")
    ] = None,
    exclude_types: Annotated[
        list[str] | None, typer.Option(metavar="TYPE", help="All but this type; several times, or with commas")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="NAME", help="Restore onto another instance; the name keys its map of ids")
    ] = None,
    deliveries: Annotated[
        Literal["off", "as-backed-up"] | None,
        typer.Option(
            help="Whether schedules and alerts are switched on that were; each can send at once "
            "[default: as-backed-up; with --target: off]",
            show_default=False,
        ),
    ] = None,
    owner: Annotated[
        Literal["me"] | None,
        typer.Option(
            help="With --target: all belongs to the API user, and no users and groups are made", show_default=False
        ),
    ] = None,
    include_login_settings: Annotated[
        bool,
        typer.Option(
            "--include-login-settings", help="Also put back how people sign in: SAML, LDAP, OpenID, passwords, sessions"
        ),
    ] = False,
    skip_validation: Annotated[
        bool, typer.Option("--skip-validation", help="Do not look whether the models are there that content needs")
    ] = False,
    skip_id_mapping: Annotated[bool, typer.Option("--skip-id-mapping", help="Do not consult the map of ids")] = False,
    workers: Workers = None,
    checkpoint_interval: Annotated[int, typer.Option(min=1, help="At most so many items a batch")] = 100,
    max_retries: Annotated[int, typer.Option(min=0, help="Tries of a write after failures that may pass")] = 5,
    max_dlq_size: Annotated[int, typer.Option(min=0, help="Stop once more items than this failed; 0 never stops")] = 0,
    rate_limit_per_second: PerSecond = None,
    rate_limit_per_minute: PerMinute = None,
    max_calls: MaxCalls = None,
    allow_partial: Annotated[
        bool, typer.Option("--allow-partial", help="Exit with 0 even if something failed")
    ] = False,
    db_path: DbPath = None,
    config: Config = None,
    credentials_block: Block = None,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """The options that every restoring command has; only the signature counts."""


def with_shared_options(command: Callable[..., None], *, without: Container[str] = ()) -> Callable[..., None]:
    """Return *command* with the shared options, but those named in *without*, in the place of its `**shared`."""
    mine, shared = inspect.signature(command, eval_str=True), inspect.signature(_shared, eval_str=True)
    own = [parameter for parameter in mine.parameters.values() if parameter.kind is not inspect.Parameter.VAR_KEYWORD]
    parameters = [*own, *(one for name, one in shared.parameters.items() if name not in without)]
    command.__dict__["__signature__"] = mine.replace(parameters=parameters)
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters} | {"return": None}
    return command
