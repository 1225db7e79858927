"""Duties whose status another set of rules changes."""

from __future__ import annotations

import pandas as pd

from sellerkit.measure import moved


def duties(**status: str) -> pd.DataFrame:
    rows = [("A", "return" if name == "r" else "inquiry", name, s) for name, s in status.items()]
    return pd.DataFrame(rows, columns=["account", "kind", "obligation_id", "status"], dtype="str")


def test_only_what_moved_is_counted() -> None:
    before = duties(a="met", b="met", c="late", d="open", r="met")
    after = duties(d="missed", b="late", a="late", c="late", r="met")
    assert moved(before, after).to_dict("split")["data"] == [
        ["inquiry", "met", "late", 2], ["inquiry", "open", "missed", 1],
    ]  # fmt: skip


def test_what_one_side_has_not_is_said() -> None:
    found = moved(duties(a="met"), duties(r="open"))
    assert found.to_dict("split")["data"] == [
        ["inquiry", "met", "none", 1], ["return", "none", "open", 1],
    ]  # fmt: skip


def test_nothing_moved_is_an_empty_frame() -> None:
    found = moved(duties(a="met"), duties(a="met"))
    assert found.empty and list(found.columns) == ["kind", "before", "after", "duties"]
    assert moved(duties(), duties()).empty


def test_same_id_in_two_accounts_is_two_duties() -> None:
    before = duties(a="met")
    both = pd.concat([before, before.assign(account="B")])
    assert moved(both, both.assign(status=["met", "late"]))["duties"].tolist() == [1]
