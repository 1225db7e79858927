"""A headline goes to one address, which is a secret: no error tells it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
import receivers
from receivers import Hook

from sellerkit.config import Webhook
from sellerkit.deliver.webhook import post
from sellerkit.errors import DeliveryError, UsageError

SLACK, TEAMS = (Webhook(kind=kind, url_env="HOOK") for kind in ("slack", "teams"))


def test_slack_shows_the_text_as_it_is(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", f"  {hook.url}\n")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{receivers.free_port()}")
    post(SLACK, "Fisch & <!channel> ä")
    assert hook.texts == ["Fisch &amp; &lt;!channel&gt; ä"]
    assert hook.bodies[0]["mrkdwn"] is False


def test_teams_gets_a_card_without_markdown(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK", hook.url)
    post(TEAMS, "[a](http://x)\nb")
    (part,) = hook.bodies[0]["attachments"]
    assert hook.bodies[0]["type"] == "message"
    assert part["contentType"] == "application/vnd.microsoft.card.adaptive"
    lines = [block["inlines"][0]["text"] for block in part["content"]["body"]]
    assert lines == ["[a](http://x)", "b"]
    assert {block["type"] for block in part["content"]["body"]} == {"RichTextBlock"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, b"no_service"), r"the webhook is refused \(HTTP 404\) \(no_service\)"),
        ((403, b"canary-4711"), r"the webhook is refused \(HTTP 403\); make"),
        ((500, b"T0 B0 canary"), r"the message is refused \(HTTP 500\); the next run"),
        ((302, b"http://127.0.0.1:1/canary-4711"), "it sends elsewhere"),
        ((307, b"https://elsewhere.example/canary-4711"), "it sends elsewhere"),
    ],
)
def test_a_refusal_is_told_without_the_address(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, chain: Callable, answer: tuple, said: str
) -> None:
    monkeypatch.setenv("HOOK", hook.url)
    hook.answer = answer
    with pytest.raises(DeliveryError, match=f"slack, HOOK: {said}") as told:
        post(SLACK, "x")
    assert "canary" not in chain(told.value)


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://127.0.0.1:PORT/canary-4711", DeliveryError),
        ("http://hooks.example.com/canary-4711", UsageError),
        ("http://127.0.0.1.example.com/canary-4711", UsageError),
        ("https://x/a canary-4711", UsageError),
        ("https://x/a\ncanary-4711", UsageError),
        ("https://x:canary-4711/", UsageError),
        ("https://x:99999/canary-4711", UsageError),
        ("https://[canary-4711/", UsageError),
        ("file:///canary-4711", UsageError),
        ("canary-4711", UsageError),
        ("https://nobody.invalid/canary-4711", DeliveryError),
    ],
)
def test_no_error_tells_the_address(
    monkeypatch: pytest.MonkeyPatch, chain: Callable, address: str, kind: type
) -> None:
    monkeypatch.setenv("HOOK", address.replace("PORT", str(receivers.free_port())))
    with pytest.raises(kind) as told:
        post(SLACK, json.dumps("x"))
    assert "canary" not in chain(told.value)
    assert "HOOK" in str(told.value)


def test_a_variable_that_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOOK", raising=False)
    with pytest.raises(UsageError, match="HOOK is not set"):
        post(SLACK, "x")
