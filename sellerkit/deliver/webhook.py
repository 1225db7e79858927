"""A headline into a channel of Slack or Teams. Its address is a secret, and in no error."""

from __future__ import annotations

import http.client
import ipaddress
import json
import re
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from sellerkit.config import Webhook
from sellerkit.deliver.password import address_of
from sellerkit.deliver.words import TIMEOUT_SECONDS, trouble
from sellerkit.errors import DeliveryError, UsageError

#: What Slack says of a refusal, as ``channel_is_archived``.
_WORD = re.compile(rb"[a-z]{2,20}(_[a-z]{1,20}){1,5}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address is asked and no other: where it leads to was chosen by nobody here."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def post(channel: Webhook, text: str) -> None:
    """Put a text into a channel.

    Raises
    ------
    UsageError
        The variable is not set, or holds no address that may be used.
    DeliveryError
        It cannot be reached or refuses.
    """
    address = usable_address(channel)
    body = json.dumps(_payload(channel.kind, text), ensure_ascii=False).encode()
    request = urllib.request.Request(
        address, body, {"Content-Type": "application/json; charset=utf-8"}, method="POST"
    )
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    # what stays on this machine is no business of a proxy's
    direct = [urllib.request.ProxyHandler({})] if address.startswith("http:") else []
    opener = urllib.request.build_opener(_NoRedirect, secure, *direct)
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(10_000)
    # `from None`: the causes know the address, and whoever prints an error prints them too
    except urllib.error.HTTPError as error:
        raise DeliveryError(f"{channel.name}: {_refusal(error)}") from None
    except urllib.error.URLError as error:
        cause = error.reason if isinstance(error.reason, Exception) else OSError()
        raise DeliveryError(f"{channel.name}: {trouble(cause)}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(f"{channel.name}: {trouble(error)}") from None


def usable_address(channel: Webhook) -> str:
    """Return the address of a webhook.

    Raises
    ------
    UsageError
        The variable is not set, or holds no address that may be used.
    """
    address = address_of(channel)
    if not _may_be_used(address):
        raise UsageError(
            f"{channel.name}: what {channel.url_env} holds is no https:// address; copy the "
            "address of the webhook into it as it is"
        )
    return address


def _may_be_used(address: str) -> bool:
    """Tell whether an address is encrypted on its way, or of this machine."""
    try:
        parts = urlsplit(address)
        _ = parts.port
        host = parts.hostname or ""
        here = host == "localhost" or (_is_number(host) and ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False
    whole = address.isascii() and address.isprintable() and " " not in address and bool(host)
    return whole and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()


def _payload(kind: str, text: str) -> dict[str, Any]:
    """Return what each of them takes; the text is shown as it is, nothing in it is a command."""
    if kind == "slack":
        for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(sign, name)
        return {"text": text, "unfurl_links": False, "mrkdwn": False}
    # what stands in a TextRun is no Markdown
    lines = [
        {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line}]}
        for line in text.splitlines()
    ]
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": lines,
    }
    part = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [part]}


def _refusal(error: urllib.error.HTTPError) -> str:
    """Return what an answer means; of its text only a word of Slack's own kind is told."""
    with error:
        try:
            body = error.read(200).strip()
        except (OSError, http.client.HTTPException):
            body = b""
    said = f" ({body.decode()})" if _WORD.fullmatch(body) and error.code >= 400 else ""
    if 300 <= error.code < 400:
        return f"it sends elsewhere (HTTP {error.code}), which is not followed; copy it anew"
    if error.code in (401, 403, 404, 410):
        return (
            f"the webhook is refused (HTTP {error.code}){said}; make a new one and set its variable"
        )
    return f"the message is refused (HTTP {error.code}){said}; the next run tries again"
