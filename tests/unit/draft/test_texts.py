"""Every text in every language: whole, within Amazon's rules, and saying what it has to."""

from __future__ import annotations

import pandas as pd
import pytest
from drafting import LANGUAGES, in_all_languages, order_of

from sellerkit.draft import TEMPLATES, Templates, violations
from sellerkit.draft.fill import fill
from sellerkit.draft.templates import NAMES, Template
from sellerkit.text import content_ok, language

in_both = pytest.mark.parametrize("full", [True, False], ids=["all on file", "nothing on file"])
each = pytest.mark.parametrize("name", TEMPLATES)


def test_there_is_every_text_in_every_language() -> None:
    assert set(Templates.load().texts) == {(code, name) for code in LANGUAGES for name in TEMPLATES}


@each
def test_what_is_on_file_is_filled_in(name: str) -> None:
    for code, draft in in_all_languages(name, full=True).items():
        assert order_of(code) in draft.subject and order_of(code) in draft.text
        assert not draft.gaps and "{" not in draft.subject + draft.text
        assert "\n\n\n" not in draft.text
        assert draft.text.endswith("shop\n")
        assert ("Lamp, brass" in draft.text) == (name != "inquiry")


@each
def test_what_is_not_on_file_is_a_gap_that_is_listed(name: str) -> None:
    dated = {"late_shipment": 1, "late_delivery": 1, "check_in": 1}
    for draft in in_all_languages(name, full=False).values():
        assert len(draft.gaps) == dated.get(name, 0)
        assert draft.text.count("[fill in: ") == len(draft.gaps)
        assert all(f"[fill in: {gap}]" in draft.text for gap in draft.gaps)
        assert "\n\n\n" not in draft.text


@in_both
@each
def test_it_is_in_the_buyers_language(name: str, full: bool) -> None:
    found = in_all_languages(name, full)
    bodies = pd.Series({code: draft.text for code, draft in found.items()}, dtype="str")
    told = language(pd.Series(None, index=bodies.index, dtype="str"), bodies)
    assert told.to_dict() == dict(zip(LANGUAGES, LANGUAGES, strict=True))


@in_both
@each
def test_it_breaks_no_rule(name: str, full: bool) -> None:
    found = list(in_all_languages(name, full).values())
    assert dict(zip(LANGUAGES, violations(found), strict=True)) == dict.fromkeys(LANGUAGES, [])


@in_both
@pytest.mark.parametrize("name", [n for n in TEMPLATES if n not in ("inquiry", "check_in")])
def test_it_says_what_it_has_to(name: str, full: bool) -> None:
    bodies = [draft.text for draft in in_all_languages(name, full).values()]
    said = content_ok(
        *(pd.Series(column, dtype="str") for column in ([name] * len(bodies), bodies, LANGUAGES))
    )
    assert dict(zip(LANGUAGES, said, strict=True)) == dict.fromkeys(LANGUAGES, True)


@pytest.mark.parametrize("name", ["late_shipment", "late_delivery"])
def test_of_a_canceled_order_nothing_more_is_promised(name: str) -> None:
    known = dict.fromkeys(NAMES, "X") | {"canceled_on": "the 9th"}
    for code in LANGUAGES:
        template = Templates.load().find(name, code)
        text = fill(template, known).text
        _, _, after = template.text.partition("{canceled_on}")
        said = content_ok(*(pd.Series([v], dtype="str") for v in (name, text, code)))
        assert said.all() and "the 9th" in text
        promises = [
            fill(Template(name, code, "x", line[2:]), known).text.strip()
            for line in after.splitlines()
            if line.startswith(": ")
        ]
        assert len(promises) >= 3 and not any(promise in text for promise in promises)
