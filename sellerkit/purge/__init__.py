"""Buyers' data removed when its time is over, and what the figures need kept without it."""

from sellerkit.purge.run import Purge, purge

__all__ = ["Purge", "purge"]
