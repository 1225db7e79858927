"""`sellerkit.toml`: what an unattended run shall do."""

from sellerkit.config.file import load
from sellerkit.config.model import (
    Account,
    Amazon,
    Channel,
    Config,
    Fsspec,
    Imap,
    Limits,
    LocalFolder,
    Mail,
    PublishTarget,
    Reports,
    Webhook,
)
from sellerkit.config.secrets import use_secrets
from sellerkit.config.template import Answers, config_text

__all__ = [
    "Account",
    "Amazon",
    "Answers",
    "Channel",
    "Config",
    "Fsspec",
    "Imap",
    "Limits",
    "LocalFolder",
    "Mail",
    "PublishTarget",
    "Reports",
    "Webhook",
    "config_text",
    "load",
    "use_secrets",
]
