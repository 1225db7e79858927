"""docs/policy.md is what `sellerkit policy page` prints now, and shows every row."""

from __future__ import annotations

from pathlib import Path

from sellerkit.policy import Policy
from sellerkit.policy.timeline import in_force, page, until, value_words


def test_the_page_in_docs_is_current(root: Path) -> None:
    written = (root / "docs" / "policy.md").read_text("utf-8")
    assert written == page(Policy.default()), "make it anew: sellerkit policy page > docs/policy.md"


def test_every_row_season_and_event_stands_in_it() -> None:
    policy = Policy.default()
    lines = page(policy).splitlines()
    for rule_id in {rule.id for rule in policy.rules}:
        start = lines.index(f"## {rule_id}")
        end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("## ")), None)
        section = "\n".join(lines[start:end])
        for rule in (r for r in policy.rules if r.id == rule_id):
            assert f"| {value_words(rule)} | {in_force(rule, policy.rules)} |" in section
            assert not rule.doubt or "in doubt: " in section
    assert sum(event.when in line for event in policy.events for line in lines) >= len(
        policy.events
    )
    assert "| purchased 2025-11-01 to 2025-12-31 | 2026-01-31 | US |" in "\n".join(lines)


def test_a_row_ends_where_the_next_of_its_id_and_stores_begins() -> None:
    policy = Policy.default()
    rows = {rule.name: rule for rule in policy.rules if rule.id == "crt.window_hours"}
    assert in_force(rows["crt.window@2015-12-01"], policy.rules) == "2015-12-01 to 2015-12-31"
    assert until(rows["crt.window@2016-01-01"], policy.rules) is None
    default = policy.rows("on_time_delivery.min_share")[0]
    assert in_force(default, policy.rules) == "since 2012-02-01"


def test_a_users_words_cannot_leave_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    path.write_text(
        '[[rule]]\nid = "crt.unit"\nvalue = "message"\nfrom = 2026-01-01\nmark = "U"\n'
        'source = "a | b\\n# <img src=x> [x](http://y.example)"\ndoubt = "*z*"\n',
        "utf-8",
    )
    text = page(Policy.default().with_file(path))
    assert "a \\| b # \\<img src=x\\> \\[x\\](http://y.example)" in text
    assert "\\*z\\*" in text
