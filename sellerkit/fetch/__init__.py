"""Histories from where they lie: a mail server, Amazon's API. Only here are connections opened."""
