"""Mapping files: a TOML that says how any table or list of objects becomes a history."""

from sellerkit.read.mapping.draft import draft
from sellerkit.read.mapping.model import Mapping, load_mapping
from sellerkit.read.mapping.reading import format_of, unit_at

__all__ = ["Mapping", "draft", "format_of", "load_mapping", "unit_at"]
