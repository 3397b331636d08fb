"""What one simulated Looker looks like: its size, its speed, its keys."""

import msgspec


class SimulatorError(ValueError):
    """What was asked of the simulator cannot be; the message says what to do."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """How many of each kind an instance holds. ``dashboards`` and ``looks`` do not count the trash."""

    dashboards: int
    looks: int
    users: int
    groups: int
    roles: int
    user_attributes: int
    folders: int
    models: int
    explores_per_model: int
    boards: int
    scheduled_plans: int
    alerts: int
    themes: int
    trashed_dashboards: int
    trashed_looks: int
    dashboard_kb: int = 24


PRESETS: dict[str, Preset] = {
    "tiny": Preset(
        dashboards=5, looks=6, users=6, groups=4, roles=4, user_attributes=5, folders=6, models=2, explores_per_model=2,
        boards=2, scheduled_plans=4, alerts=3, themes=2, trashed_dashboards=1, trashed_looks=1,
    ),
    "small": Preset(
        dashboards=60, looks=80, users=25, groups=9, roles=7, user_attributes=10, folders=34, models=4,
        explores_per_model=4, boards=5, scheduled_plans=24, alerts=14, themes=4, trashed_dashboards=5, trashed_looks=4,
    ),
    "medium": Preset(
        dashboards=2_000, looks=3_000, users=800, groups=100, roles=30, user_attributes=40, folders=690, models=15,
        explores_per_model=10, boards=60, scheduled_plans=900, alerts=300, themes=8, trashed_dashboards=120,
        trashed_looks=150,
    ),
    "large": Preset(
        dashboards=10_000, looks=1_000, users=200, groups=40, roles=15, user_attributes=20, folders=260, models=8,
        explores_per_model=8, boards=25, scheduled_plans=300, alerts=120, themes=6, trashed_dashboards=100,
        trashed_looks=50, dashboard_kb=40,
    ),
    "huge": Preset(
        dashboards=50_000, looks=2_000, users=300, groups=60, roles=20, user_attributes=25, folders=420, models=10,
        explores_per_model=10, boards=40, scheduled_plans=500, alerts=200, themes=6, trashed_dashboards=200,
        trashed_looks=100, dashboard_kb=40,
    ),
}  # fmt: skip


class SimulatorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """One simulated instance. Equal options give byte-identical instances.

        ``port`` 0 takes any free port. ``rate_limit_rps`` and ``page_cap`` 0 mean none. ``id_offset`` moves every id counter,
        so that a second instance has other ids. ``release`` selects the properties that there are and can be written; ``future``
        adds so many that nobody has heard of, drawn from the seed (see ``future.py``).
        ``dashboards`` and ``dashboard_kb`` override the preset named by ``scale``. Two things that nobody documents are open:
        ``folders_trash_content`` (does deleting a folder put the content in it into the trash, or destroy it?) and
        ``tiles_touch_dashboard`` (does a change of a tile, filter or tab move the dashboard's ``updated_at``?). ``bends`` are
    ``NAME`` or ``NAME=VALUE``, see ``bends.BENDS``.
    """

    host: str = "127.0.0.1"
    port: int = 0
    seed: int = 1
    scale: str = "small"
    dashboards: int | None = None
    dashboard_kb: int | None = None
    latency_ms: float = 0
    rate_limit_rps: int = 0
    page_cap: int = 0
    token_seconds: int = 3600
    id_offset: int = 0
    release: str = "26.12"
    future: int = 0
    client_id: str = "simulator"
    client_secret: str = "simulator-secret"  # noqa: S105 (there is nothing to protect)
    viewer_client_id: str = "viewer"
    viewer_client_secret: str = "viewer-secret"  # noqa: S105
    folders_trash_content: bool = False
    tiles_touch_dashboard: bool = True
    gzip: bool = True
    totals_headers: bool = True
    bends: tuple[str, ...] = ()

    @property
    def preset(self) -> Preset:
        """Return the preset of ``scale`` with the overrides applied. Raises SimulatorError for an unknown scale."""
        if self.scale not in PRESETS:
            raise SimulatorError(f"scale {self.scale!r}: choose one of {', '.join(PRESETS)}")
        preset = PRESETS[self.scale]
        changes = {"dashboards": self.dashboards, "dashboard_kb": self.dashboard_kb}
        return msgspec.structs.replace(preset, **{k: v for k, v in changes.items() if v is not None})
