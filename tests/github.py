"""Markdown as GitHub renders it, and what GitHub makes more of."""

import re

import cmarkgfm

EXTENSIONS = ["table", "autolink", "tagfilter", "strikethrough", "tasklist"]
GITHUB_READS = re.compile(r"@\w|#\d|GH-\d|\b[0-9a-f]{7,40}\b|:\w+:|\$\S+\$|[A-Z]{2,}-\d")
"""What GitHub makes more of in the text of a comment, outside of code."""


def rendered(text: str) -> str:
    return cmarkgfm.markdown_to_html_with_extensions(
        text, extensions=EXTENSIONS, options=cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    )


def outside_code(page: str) -> str:
    return re.sub(r"<code[^>]*>.*?</code>", "", page, flags=re.DOTALL)


def is_harmless(page: str, allowed: str) -> None:
    """Only these tags, and nothing outside of code that GitHub would make more of."""
    tags = set(re.findall(r"<\s*/?\s*([a-zA-Z!][a-zA-Z0-9]*)", page))
    assert tags <= set(allowed.split()), tags
    assert not GITHUB_READS.search(re.sub(r"<[^>]*>", "", outside_code(page)))
