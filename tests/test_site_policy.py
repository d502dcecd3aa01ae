"""The policy of every page: strict, and in step with the files that it governs."""

from __future__ import annotations

import base64
import hashlib

import pytest

from moip.site import assets, front, policy


def rules() -> dict[str, list[str]]:
    return {rule.split()[0]: rule.split()[1:] for rule in policy.policy().split(";")}


def test_nothing_is_allowed_first_and_no_other_host_ever() -> None:
    assert rules()["default-src"] == ["'none'"]
    for name, allowed in rules().items():
        for source in allowed:
            assert (
                source in ("'none'", "'self'", "data:", "blob:")
                or source.startswith("'sha256-")
                or ((name, source) == ("style-src-attr", "'unsafe-inline'"))
            ), (name, source)
    assert set(rules()["script-src"]) == {"'self'", policy.digest(assets.MODE_SCRIPT)}
    assert "data:" not in rules()["script-src"] and rules()["connect-src"] == ["'self'"]


def test_the_digest_is_that_of_the_standard() -> None:
    own = base64.b64encode(hashlib.sha256(b"alert('Hello, world.');").digest()).decode()
    assert policy.digest("alert('Hello, world.');") == f"'sha256-{own}'"
    assert own == "qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="  # the example of the CSP specification


def test_styles_that_a_bundle_injects_are_found_as_a_browser_sees_them() -> None:
    bundle = r"""var e=document.createElement("style");e.id="ab12",e.textContent='.a{content:\'x\'}',document.head.append(e)"""
    assert policy.injected_styles(bundle) == [".a{content:'x'}"]
    assert policy.injected_styles('n=document.createElement("style"),n.setAttribute("id",i)') == []


def test_the_front_page_leads_on_under_the_policy() -> None:
    page = front.front_page("A & B", "book/index.html", base="https://someone.github.io/book/")
    assert page.index("Content-Security-Policy") < page.index("<title>A &amp; B</title>")
    assert 'content="0; url=book/index.html"' in page
    assert 'rel="canonical" href="https://someone.github.io/book/book/index.html"' in page
    assert "canonical" not in front.front_page("A", "book/index.html")


def test_a_published_site_leads_to_its_pdf_and_its_archive() -> None:
    base = "https://someone.github.io/book/"
    found = front.downloads(base, "money-over-ip.pdf money-over-ip-offline.zip")
    assert [link["url"] for link in found] == [f"{base}money-over-ip.pdf", f"{base}money-over-ip-offline.zip"]
    assert all(link["text"] for link in found)
    assert front.downloads("", "money-over-ip.pdf") == front.downloads(base, "") == []
    with pytest.raises(ValueError, match=r"BOOK_DOWNLOADS names book.exe; it may name files that end in .pdf or .zip"):
        front.downloads(base, "book.exe")
