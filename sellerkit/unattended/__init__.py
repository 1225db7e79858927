"""Unattended runs: the whole chain for all accounts of a configuration."""

from sellerkit.unattended.run import Outcome, Tools, run, unfinished

__all__ = ["Outcome", "Tools", "run", "unfinished"]
