"""The dated rules as data (TOML), and the lookup by instant and marketplace."""

from sellerkit.policy.changes import RuleChange, rule_changes
from sellerkit.policy.marketplaces import Marketplace, by_domain, by_id, marketplaces, zone_of
from sellerkit.policy.pack import Holiday, Limit, Policy, Rule, Window

__all__ = [
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
