"""The demo is a world of its own: no run of it is among the user's, and it is as patient as everything else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import flows
from flows.cli.demo import _point_at


def test_the_demo_leaves_the_users_prefect_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ |= {"PREFECT_API_URL": "http://prefect.example.com/api", "PREFECT_HOME": str(tmp_path / "mine")}
    _point_at("http://127.0.0.1:1", tmp_path / "demo.db")
    assert "PREFECT_API_URL" not in os.environ
    assert Path(os.environ["PREFECT_HOME"]) != tmp_path / "mine"
    assert Path(os.environ["PREFECT_HOME"]).is_dir()
    assert {name: os.environ[name] for name in flows.DEFAULTS} == flows.DEFAULTS
