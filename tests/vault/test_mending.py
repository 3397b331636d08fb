"""What the disk has damaged is written anew when its payload comes by again."""

from __future__ import annotations

import pytest

from lookervault_core.errors import BlobDamaged
from lookervault_core.model import ContentKey

SALES = ContentKey("dashboards", "1")


def test_capturing_a_changed_item_goes_on_past_its_damaged_version(vault, instance):
    instance.capture([instance.item("1")])
    with vault.write() as db:
        db.execute("UPDATE blobs SET data = x'00'")
    instance.capture([instance.item("1", views=5)])
    assert vault.payload(SALES) == instance.item("1", views=5).payload


def test_a_damaged_blob_is_mended_when_its_payload_comes_by_again(vault, instance):
    instance.capture([instance.item("1")])
    with vault.write() as db:
        db.execute("UPDATE blobs SET data = x'00'")
    instance.capture([instance.item("1", title="Orders")])
    with pytest.raises(BlobDamaged):
        vault.payload(SALES, 1)
    instance.capture([instance.item("1")])
    assert vault.payload(SALES, 1) == instance.item("1").payload


def test_a_damaged_blob_is_mended_by_the_next_reading_of_an_unchanged_item(vault, instance):
    instance.capture([instance.item("1")])
    with vault.write() as db:
        db.execute("UPDATE blobs SET data = x'00'")
    instance.capture([instance.item("1")])
    assert vault.payload(SALES, 1) == vault.payload(SALES, 2) == instance.item("1").payload
