"""Findings on disk, and notebooks → pages."""
