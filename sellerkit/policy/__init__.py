"""The dated rules as data (TOML), and the lookup by instant and marketplace."""

from sellerkit.policy.marketplaces import Marketplace, by_domain, by_id, marketplaces, zone_of
from sellerkit.policy.pack import MARKS, Holiday, Limit, Policy, Rule

__all__ = [
    "MARKS",
    "Holiday",
    "Limit",
    "Marketplace",
    "Policy",
    "Rule",
    "by_domain",
    "by_id",
    "marketplaces",
    "zone_of",
]
