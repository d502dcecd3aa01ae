"""Links that follow the fork: repository, branch and address are those of whoever builds the book."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sphinx.application import Sphinx
from sphinx.config import Config


@dataclass(frozen=True)
class Repository:
    """A repository on GitHub: ``owner/name`` (empty when the book is built outside one) and a branch."""

    slug: str
    branch: str

    @property
    def url(self) -> str:
        """The repository's address, or an empty string."""
        return f"https://github.com/{self.slug}" if self.slug else ""

    def binder(self, path: str = "book/index.ipynb") -> str:
        """The address that opens a notebook on Binder, or an empty string."""
        quoted = quote(path, safe="")
        branch = quote(self.branch, safe="")  # Binder reads a slash as the end of the branch
        return f"https://mybinder.org/v2/gh/{self.slug}/{branch}?urlpath=lab/tree/{quoted}" if self.slug else ""

    def edit(self, path: str) -> str:
        """The address that edits a file, or an empty string."""
        return f"{self.url}/edit/{self.branch}/{path}" if self.slug else ""

    @property
    def site(self) -> str:
        """Where GitHub Pages serves this repository's site."""
        if not self.slug:
            return ""
        owner, name = self.slug.lower().split("/")
        return f"https://{owner}.github.io/" + ("" if name == f"{owner}.github.io" else f"{name}/")


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def slug_of(remote: str) -> str:
    """``owner/name`` from a GitHub remote in any of git's spellings, or an empty string."""
    match = re.search(r"github\.com[:/]+([\w.-]+/[\w.-]+?)(?:\.git)?/?$", remote)
    return match.group(1) if match else ""


def repository(root: Path, configured: str, branch: str) -> Repository:
    """The repository that is being built: from GitHub's environment, else git's ``origin``, else ``_config.yml``."""
    slug = (
        os.environ.get("GITHUB_REPOSITORY") or slug_of(_git(root, "remote", "get-url", "origin")) or slug_of(configured)
    )
    ref = os.environ.get("GITHUB_REF_NAME", "")
    named = ref if ref and os.environ.get("GITHUB_REF_TYPE", "branch") == "branch" and "/merge" not in ref else ""
    return Repository(slug, named or branch or "main")


def follow_fork(app: Sphinx, config: Config) -> None:
    """Give the templates the repository, and Sphinx the address of the site."""
    options = config.html_theme_options
    here = repository(Path(app.srcdir), options.get("repository_url", ""), options.get("repository_branch", ""))
    config.html_context = {**(config.html_context or {}), "book_repository": here}
    if not config.html_baseurl:
        config.html_baseurl = os.environ.get("BOOK_URL") or here.site


def setup(app: Sphinx) -> None:
    app.connect("config-inited", follow_fork, priority=100)
