"""The dated rules as data (TOML), and the lookup by instant and marketplace."""

from sellerkit.policy.changes import RuleChange, rule_changes
from sellerkit.policy.marketplaces import Marketplace, by_domain, by_id, marketplaces, zone_of
from sellerkit.policy.pack import Limit, Policy, Window
from sellerkit.policy.rule import MARKS, NO_RULE, Event, Holiday, Rule

__all__ = [
    "MARKS",
    "NO_RULE",
    "Event",
    "Holiday",
    "Limit",
    "Marketplace",
    "Policy",
    "Rule",
    "RuleChange",
    "Window",
    "by_domain",
    "by_id",
    "marketplaces",
    "rule_changes",
    "zone_of",
]
