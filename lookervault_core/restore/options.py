"""How a restore is to be carried out."""

from __future__ import annotations

from typing import Literal

import msgspec

DeliveriesMode = Literal["off", "as-backed-up"]
Owner = Literal["me"]

# What the words of a restore settle when it begins: one that is resumed does as it was told to.
SETTLED = (
    "snapshot",
    "exact",
    "with_dependencies",
    "skip_if_modified",
    "skip_validation",
    "skip_id_mapping",
    "target",
    "deliveries",
    "owner",
    "include_login_settings",
    "checkpoint_interval",
    "max_retries",
    "max_dlq_size",
)


class RestoreOptions(msgspec.Struct, frozen=True):
    """How to restore; kept with the session, so that a resumed run does the same. `max_dlq_size` 0 means no limit.

    `retry_delay_s` is for who runs batches: how long to wait before one that failed as a whole is tried again.
    `undo_of` names the session that is taken back: what people have added to objects since stays.
    `revert_of` names the changes that are taken back, alone, and also where somebody has edited since if `theirs`.
    `deliveries` says whether plans and alerts are switched on that were on; by default they are on their own instance and are not
    on another one. With `owner` "me" all that is restored onto another instance belongs to the API user.
    With `include_login_settings` it is also put back how people sign in.
    `label` is a caller's own name for the run: the same caller coming back goes on with it.
    """

    exact: bool = False
    skip_if_modified: bool = False
    with_dependencies: bool = False
    skip_validation: bool = False
    skip_id_mapping: bool = False
    target: str | None = None
    workers: int = 8
    checkpoint_interval: int = 100
    max_retries: int = 5
    max_dlq_size: int = 0
    retry_delay_s: float = 30.0
    undo_of: str | None = None
    revert_of: tuple[str, ...] = ()
    theirs: bool = False
    label: str | None = None
    deliveries: DeliveriesMode | None = None
    owner: Owner | None = None
    include_login_settings: bool = False

    @property
    def delivers(self) -> DeliveriesMode:
        """Whether plans and alerts are switched on."""
        return self.deliveries or ("off" if self.target else "as-backed-up")
