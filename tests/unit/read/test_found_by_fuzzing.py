"""Inputs on which a reader once failed, as small as they still did, and what must come of them."""

from __future__ import annotations

import time

import pytest
from mails import ALIAS, CONTEXT, mail, one, parse

from sellerkit.errors import InputError
from sellerkit.read.registry import by_name
from sellerkit.read.source import Source


def test_an_encoded_word_of_half_a_byte_stays_as_it_is() -> None:
    # the standard library raises an error that is no ValueError
    found = one(mail(Subject="=?x?B?%C?=") + b"\xff")
    assert found["subject"] == "=?x?B?%C?="


def test_an_address_in_a_thousand_brackets_is_nobody_s() -> None:
    parsed = parse(mail(From="(" * 5000 + ALIAS, To=None, Reply_To=None), "a.eml")
    assert parsed.read == 1 and parsed.used == 0


@pytest.mark.parametrize("sign", ["\t", ",", ";"])
def test_a_line_of_nothing_but_delimiters_is_refused_at_once(sign: str) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match=r"line 1: 1,000,001 columns"):
        by_name("all_orders").parse(Source("a", sign.encode() * 1_000_000), CONTEXT)
    assert time.monotonic() - began < 5


def test_a_cell_of_several_lines_does_not_break_a_warning() -> None:
    data = b'date/time,type,"order id"\nx,A-to-z Guarantee Claim,"a\n b"\n'
    parsed = by_name("transactions").parse(Source("t.csv", data), CONTEXT)
    (warning,) = parsed.warnings
    assert warning.startswith("t.csv: A-to-z claims on a b are named")
