"""HTML as text."""

from __future__ import annotations

import time

import pytest

from sellerkit.text import amazon_text, html_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a<br>b<br/>c<p>d</p>", "a\nb\nc\nd"),
        ("<b>bo</b>ld &amp; &lt;i&gt; &#xE4; &nope;", "bold & <i> ä &nope;"),
        ("<head><title>t</title></head><STYLE>p{}</STYLE><script>x<y</script>z", "z"),
        ("a<!-- b > <i> -->c<!--[if mso]>x<![endif]-->d", "acd"),
        ("<a title='x > y' href=\"z\">link</a>", "link"),
        ("a < b and c > d", "a < b and c > d"),
        ("<tr><td>a</td><td>b</td></tr><tr><td>c</td></tr>", "a b\nc"),
        ("<blockquote>x<br>y</blockquote>z", "> x\n> y\nz"),
        ("<head>broken<body>text", "text"),
        ("a\n\n  b", "a b"),
    ],
)
def test_text_of_html(markup, text):
    assert html_text(markup).replace("\n\n", "\n") == text


def test_amazons_pre():
    pre = '<p>x</p><pre style="white-space: -o-pre-wrap;">a &amp;\n b<br>c<i>d</i></pre><p>y</p>'
    assert amazon_text(pre) == "a &\n b\ncd"
    assert amazon_text(pre + pre.replace("a", "z")) == "a &\n b\ncd"
    assert amazon_text(pre.replace("</pre>", "")) is not None
    assert amazon_text("<pre>a</pre>") is None
    assert amazon_text('<pre style="-o-pre-wrap"> </pre>') is None


@pytest.mark.parametrize(
    "piece", ["<a", "<!--", "<a href='", '<a b="', "</", "<script>", "<", "&#"]
)
def test_hostile_html_takes_linear_time(piece):
    began = time.monotonic()
    html_text(piece * 200_000)
    # linear time is a fraction of a second; quadratic would be many minutes
    assert time.monotonic() - began < 60
