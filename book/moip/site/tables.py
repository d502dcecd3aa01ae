"""The tables as files beside the pages: ``data/*.csv`` and their descriptor, which pages link to as notebooks do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx

from .. import data

FOLDER = "data"
"""The folder has one name in the repository and in the site, so that a relative link holds in both."""


def files() -> Iterator[Path]:
    """The descriptor and every table that it names."""
    yield data.folder() / "datapackage.json"
    for name in data.tables():
        yield data.folder() / data.resource(name)["path"]


def _copy(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    target = Path(app.outdir) / FOLDER
    target.mkdir(exist_ok=True)
    wanted = {path.name: path for path in files()}
    for path in target.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, path in wanted.items():
        content = path.read_bytes()
        if not (target / name).exists() or (target / name).read_bytes() != content:
            (target / name).write_bytes(content)


def setup(app: Sphinx) -> None:
    app.connect("build-finished", _copy)
