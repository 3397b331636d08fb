"""`lookervault draw`: a dashboard of the vault as a picture."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_a_dashboard_is_drawn_to_a_file_or_to_stdout(cli: Run, vault_path: Path, tmp_path: Path) -> None:
    drawn = cli("draw", "dashboard", "1", "-o", "one.svg")
    assert (drawn.returncode, drawn.stdout) == (0, "")
    written = (tmp_path / "one.svg").read_text()
    assert written.startswith("<?xml")
    assert "data-element-id=" in written
    assert cli("draw", "dashboards", "1", "--snapshot", "1").stdout == written


def test_what_cannot_be_drawn_is_said_in_a_line(cli: Run, vault_path: Path) -> None:
    for arguments, told in [
        (("look", "1"), "looks cannot be drawn"),
        (("dashboard", "987654"), "does not hold it"),
        (("dashboard", "1", "-o", "no/such/place.svg"), "name another file"),
    ]:
        refused = cli("draw", *arguments)
        assert refused.returncode == 2
        assert told in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
