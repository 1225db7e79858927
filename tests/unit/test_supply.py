"""What sellerkit rests on: pinned by hash, licensed as allowed, listed as a bill of materials."""

from __future__ import annotations

import json

import pytest

from supply.licences import PAGE, is_allowed, page
from supply.lock import LOCK, locked, shipped

TEXT = LOCK.read_text("utf-8")
PACKAGES = locked(TEXT)


def test_every_package_is_pinned_by_hash_and_somebody_needs_it() -> None:
    assert len(PACKAGES) == sum(line[:1].isalnum() for line in TEXT.splitlines()) > 100
    assert all(package.hashes and package.needed_by for package in PACKAGES)


def test_the_licences_page_is_of_this_lock_and_every_licence_is_allowed() -> None:
    assert PAGE.read_text("utf-8") == page(PACKAGES), "make licences"


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True), ("MIT OR GPL-3.0-only", True), ("MIT AND GPL-3.0-only", False),
        ("AGPL-3.0", False), ("", False), ("(MIT OR Apache-2.0) AND ISC", True),
    ],
)  # fmt: skip
def test_of_a_choice_one_licence_suffices_of_several_all_must(expression, allowed) -> None:
    assert is_allowed(expression) is allowed


def test_a_bill_lists_all_that_is_shipped_and_is_the_same_each_time() -> None:
    pytest.importorskip("cyclonedx", reason="the lock has it; `make` installs it")
    from supply.sbom import bill

    text = bill(PACKAGES, TEXT)
    said = json.loads(text)
    assert text == bill(PACKAGES, TEXT) and said["specVersion"] == "1.6"
    listed = {(one["name"], one["version"]) for one in said["components"]}
    assert listed == {(one.name, one.version) for one in shipped(PACKAGES)}
    assert all(one["hashes"] and one["licenses"] for one in said["components"])
    assert not {"pytest", "mypy", "ruff"} & {name for name, _ in listed}
    own = next(one for one in said["dependencies"] if one["ref"] == "sellerkit")
    assert any(ref.startswith("pkg:pypi/pandas@") for ref in own["dependsOn"])
