"""Claims about bytes: what is sealed comes back, what is split joins again, what is equal compares equal."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lookervault_core import codec
from lookervault_core.diff.document import decode
from lookervault_core.errors import BlobDamaged, CodecError
from lookervault_core.families.telling import show

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def text_of(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def by_value(text: bytes) -> object:
    return json.loads(text, parse_int=Decimal, parse_float=Decimal)


def turned_round(value: object) -> object:
    if isinstance(value, dict):
        return {key: turned_round(child) for key, child in reversed(value.items())}
    return [turned_round(child) for child in value] if isinstance(value, list) else value


@given(st.binary(max_size=2000))
def test_what_is_sealed_comes_back_byte_for_byte(payload):
    sealed = codec.seal(payload)
    assert codec.unseal(sealed.data, sealed.sha256, sealed.size) == payload
    assert sealed.size == len(payload)
    assert len(sealed.sha256) == 32


@given(st.binary(min_size=1, max_size=500), st.data())
def test_a_flipped_bit_anywhere_in_a_blob_never_returns_other_bytes(payload, data):
    sealed = codec.seal(payload)
    bit = data.draw(st.integers(0, len(sealed.data) * 8 - 1))
    flipped = bytearray(sealed.data)
    flipped[bit // 8] ^= 1 << bit % 8
    with suppress(BlobDamaged):  # some bits of a zstd frame mean nothing; then the payload must come back whole
        assert codec.unseal(bytes(flipped), sealed.sha256, sealed.size) == payload


def test_a_blob_whose_recorded_size_is_wrong_is_damaged():
    sealed = codec.seal(b"{}")
    with pytest.raises(BlobDamaged):
        codec.unseal(sealed.data, sealed.sha256, sealed.size + 1)


@given(st.lists(values, max_size=6), st.sampled_from([b",", b" , ", b",\n\t"]))
def test_a_page_splits_into_the_very_bytes_it_was_joined_from(items, comma):
    texts = [text_of(item) for item in items]
    assert [bytes(raw) for raw in codec.split(b"[" + comma.join(texts) + b"]\n")] == texts


@pytest.mark.parametrize("page", [b"", b"[", b"[1,2", b"{}", b"[1] x", b"[1][2]", b"null", b"[tru]", b"[" * 100_000])
def test_a_page_that_is_cut_short_or_no_array_is_refused(page):
    with pytest.raises(CodecError):
        codec.split(page)


@given(values)
@settings(max_examples=200)
def test_the_canonical_form_ignores_key_order_and_is_its_own_canonical_form(value):
    form = codec.canonical(text_of(value))
    assert codec.canonical(text_of(turned_round(value))) == form
    assert codec.canonical(json.dumps(value, indent=2).encode()) == form
    assert codec.canonical(form) == form
    assert by_value(form) == by_value(text_of(value))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1.10", "1.01"),
        ("9007199254740993", "9007199254740992"),
        ("9007199254740993.0", "9007199254740992"),
        ("true", "1"),
        ("false", "0"),
        ('""', "null"),
        ('"1.5"', "1.5"),
        ("[1,2]", "[2,1]"),
        ("null", "{}"),
    ],
)
def test_values_that_differ_in_any_digit_type_or_order_are_not_the_same(a, b):
    assert not codec.same_but_for(a.encode(), b.encode(), frozenset())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1.10", "1.1"),
        ("1.10", "1.10e0"),
        ("11e-1", "1.1"),
        ("1.0", "1"),
        ("1e2", "100.0"),
        ("-0.0", "0"),
        ("0.000", "0"),
        ("-2.50E+3", "-2500"),
        ("9007199254740993.000", "9007199254740993"),
        ("1e400", "10E399"),
    ],
)
def test_numbers_are_compared_by_value_however_they_are_written(a, b):
    assert codec.same_but_for(f'{{"a":[{a}]}}'.encode(), f'{{"a":[{b}]}}'.encode(), frozenset())
    assert codec.canonical(a.encode()) == codec.canonical(b.encode())


def test_a_number_with_an_exponent_beyond_all_reason_is_read_all_the_same():
    assert codec.same_but_for(b"1e99999999", b"1e99999999 ", frozenset())
    assert not codec.same_but_for(b"1e99999999", b"1e999999999", frozenset())


def test_integers_beyond_64_bits_keep_every_digit():
    assert codec.canonical(b"[%d,%d]" % (2**70, -(2**90))) == b"[%d,%d]" % (2**70, -(2**90))


def test_volatile_keys_are_dropped_where_their_paths_lead_and_nowhere_else():
    payload = b'{"b":[{"can":{},"x":{"can":2}}],"can":1,"a":"can","view_count":3}'
    assert codec.canonical(payload, frozenset({"can", "b.can", "view_count"})) == b'{"a":"can","b":[{"x":{"can":2}}]}'


def test_rows_whose_order_says_nothing_may_come_in_any_and_others_may_not():
    one, other = (
        b'{"a":[{"n":1,"can":1},{"n":2,"m":[1,2]}],"can":1}',
        b'{"a":[{"m":[1,2],"n":2},{"n":1,"can":2}],"can":2}',
    )
    paths = frozenset({"a[]", "a.can", "can"})
    assert codec.same_but_for(one, other, paths)
    assert not codec.same_but_for(one, other, paths - {"a[]"})
    assert not codec.same_but_for(one, other.replace(b"[1,2]", b"[2,1]"), paths)


@given(st.dictionaries(st.sampled_from(["can", "a", "b"]), values, max_size=3), values)
def test_only_a_volatile_difference_is_forgiven(value, other):
    changed_count, changed_title = value | {"view_count": other}, value | {"title": other}
    assert codec.same_but_for(text_of(value), text_of(changed_count), frozenset({"view_count"}))
    assert not codec.same_but_for(text_of(value), text_of(changed_title), frozenset({"view_count"}))


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"{} {}", b"\xff", b'"\xff"', b"NaN", b"01", b"{'a':1}", b"[" * 100_000]
)
def test_bytes_that_are_not_one_json_value_are_refused(payload):
    with pytest.raises(CodecError):
        codec.canonical(payload)


@given(values, values, st.frozensets(st.sampled_from(["can", "a", "b", ""]), max_size=2))
@settings(max_examples=200)
def test_comparing_in_place_agrees_with_comparing_canonical_forms(a, b, volatile):
    for left, right in ((a, b), (a, turned_round(a)), ({"x": a, "can": b}, {"can": a, "x": a}), ([a, b], [a, a])):
        one, two = text_of(left), json.dumps(right, indent=1).encode()
        same = codec.canonical(one, volatile) == codec.canonical(two, volatile)
        assert codec.same_but_for(one, two, volatile) == same


def test_a_damaged_blob_is_named_by_its_address():
    sealed = codec.seal(b'{"title":"Sales"}' * 50)
    with pytest.raises(BlobDamaged, match=sealed.sha256.hex()):
        codec.unseal(sealed.data[:-3] + b"abc", sealed.sha256, sealed.size)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("4242.50", "4242.5"),
        ("5e-3", "0.005"),
        ("-0.0", "0"),
        ("1e3", "1000"),
        ("1e-300", "1e-300"),
        ('"1e-1"', "1e-1"),
    ],
)
def test_a_number_is_told_as_people_write_it(text: str, told: str) -> None:
    value = decode(text.encode())
    assert show(value) == told
    shown = told if text[0] != '"' else text
    assert show({"b": [value], "a": None}) == f'{{"b":[{shown}]}}'
