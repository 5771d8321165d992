"""What the REST channel takes for a message, and what it says of anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.rest import WRONG_SENDER, WrongRequest, read

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.sampled_from(["sender", "message", "x"]), inner)),
)


def test_sender_and_message_are_read() -> None:
    assert read(b'{"sender": "a", "message": "hi", "metadata": {"x": 1}}') == ("a", "hi")


def test_a_number_is_taken_as_a_sender() -> None:
    assert read(b'{"sender": 7, "message": "hi"}') == ("7", "hi")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe\xfa", b"[" * 100_000, b'{"sender": ' + b"1" * 5000 + b"}"])
def test_what_is_not_json_is_refused_with_the_expected_form(body: bytes) -> None:
    with pytest.raises(WrongRequest, match="Send JSON"):
        read(body)


@pytest.mark.parametrize("body", [b"[]", b'"hi"', b"7", b"null"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(WrongRequest, match="one JSON object"):
        read(body)


@pytest.mark.parametrize("sender", [None, "", "a b", "x" * 129, True, 1.5, ["a"], {"a": 1}])
def test_a_missing_or_odd_sender_is_refused(sender: object) -> None:
    with pytest.raises(WrongRequest) as refused:
        read(json.dumps({"sender": sender, "message": "hi"}).encode())
    assert str(refused.value) == WRONG_SENDER


@pytest.mark.parametrize("message", [None, 7, True, ["hi"], {"text": "hi"}])
def test_a_message_that_is_not_text_is_refused(message: object) -> None:
    with pytest.raises(WrongRequest, match="should be text"):
        read(json.dumps({"sender": "a", "message": message}).encode())


@given(st.one_of(st.binary(), JSON.map(lambda value: json.dumps(value).encode())))
def test_any_body_is_read_or_refused_without_repeating_it(body: bytes) -> None:
    refused = ""
    try:
        sender, message = read(body)
    except WrongRequest as error:
        refused = str(error)
    else:
        assert sender
        assert isinstance(message, str)
    assert len(refused) < 100
