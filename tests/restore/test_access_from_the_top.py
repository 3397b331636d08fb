"""Access lists are written from the top of the tree down, as Looker passes each write down it."""

from __future__ import annotations

import json

import pytest

from lookervault_core.restore.request import RestoreOptions, Selection
from lookervault_core.restore.run import RestoreRun
from lookervault_core.restore.runs import restore, undo
from tests.restore.test_access_lists import Access
from tests.simulated import capture


class Tree:
    """Two folders with lists of their own, the older one below the newer one."""

    def __init__(self, simulator, looker):
        self.world, self._looker = simulator.world, looker
        root = next(row["id"] for row in self.world["folders"] if row["is_shared_root"])
        self.low, self.top = self._folder("older", root), self._folder("newer", root)
        self._send("patch", f"/folders/{self.low}", {"parent_id": self.top})
        self.group = Access(simulator, looker).group("guests")
        for folder in (self.top, self.low):
            self._send("patch", f"/content_metadata/{self.metadata(folder)}", {"inherits": False})

    def _send(self, verb, path, body):
        return getattr(self._looker, verb)("setup", path, json.dumps(body).encode()).body

    def _folder(self, name, parent):
        return str(json.loads(self._send("post", "/folders", {"name": name, "parent_id": parent}))["id"])

    def metadata(self, folder):
        return self.world["folders"].get(folder)["content_metadata_id"]

    def let_in(self, folder, right="edit"):
        body = {"content_metadata_id": self.metadata(folder), "group_id": self.group, "permission_type": right}
        self._send("post", "/content_metadata_access", body)

    def right(self, folder):
        rows = self.world["content_metadata_access"].where("content_metadata_id", self.metadata(folder))
        return next((row["permission_type"] for row in rows if row["group_id"] == self.group), None)


@pytest.fixture
def tree(simulator, looker):
    simulator.bends.on("access_of_parents")
    return Tree(simulator, looker)


def restored(vault, looker, selection=None, **options):
    return restore(RestoreRun(vault, looker, selection or Selection.bulk("folders"), RestoreOptions(**options)))


def test_who_is_taken_out_above_and_below_is_taken_out_above_first(tree, vault, looker):
    capture(vault, looker)
    tree.let_in(tree.top)
    tree.let_in(tree.low)
    report = restored(vault, looker, exact=True)
    assert (report.status, report.dead_letters) == ("completed", 0)
    assert (tree.right(tree.top), tree.right(tree.low)) == (None, None)
    undo(vault, looker, report.session_id)
    assert (tree.right(tree.top), tree.right(tree.low)) == ("edit", "edit")


def test_who_goes_from_a_list_below_with_the_one_above_is_let_in_again(tree, vault, looker):
    tree.let_in(tree.low, "view")
    capture(vault, looker)
    tree.let_in(tree.top)
    report = restored(vault, looker, exact=True)
    assert report.status == "completed"
    assert (tree.right(tree.top), tree.right(tree.low)) == (None, "view")
    assert {one.verdict for one in report.proof.items} == {"identical"}


def test_a_list_below_that_is_no_part_of_the_restore_is_named(tree, vault, looker):
    tree.let_in(tree.low, "view")
    capture(vault, looker)
    tree.let_in(tree.top)
    report = restored(vault, looker, Selection.single("folders", tree.top), exact=True)
    assert any(tree.metadata(tree.low) in line for line in report.warnings)


def test_who_may_edit_the_folder_above_cannot_be_taken_out_below_and_that_is_named(tree, vault, looker):
    capture(vault, looker)
    tree.let_in(tree.top)
    tree.let_in(tree.low)
    report = restored(vault, looker, Selection.single("folders", tree.low), exact=True)
    assert (report.status, report.dead_letters, tree.right(tree.low)) == ("completed", 0, "edit")
    assert any("edit the folder above" in reason for one in report.proof.items for _, reason in one.lost)


def test_what_waits_for_the_list_above_is_written_in_the_undo_too(tree, vault, looker):
    tree.let_in(tree.top)
    tree.let_in(tree.low)
    capture(vault, looker)
    looker.delete("wreck", f"/content_metadata_access/{row_of(tree, tree.top)}")
    assert tree.right(tree.low) is None
    report = restored(vault, looker)
    assert (tree.right(tree.top), tree.right(tree.low)) == ("edit", "edit")
    assert undo(vault, looker, report.session_id).status == "completed"
    assert (tree.right(tree.top), tree.right(tree.low)) == (None, None)


def row_of(tree, folder):
    rows = tree.world["content_metadata_access"].where("content_metadata_id", tree.metadata(folder))
    return next(row["id"] for row in rows if row["group_id"] == tree.group)
