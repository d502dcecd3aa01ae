"""What is sent to a reader: every file, where it comes from, in which version, under which license; and nothing else.

The page ``shipped.html`` is made from the metadata of the installed packages (which ``requirements.txt`` locks), and the
license texts are laid beside it. What Sphinx and its extensions put into ``_static`` and no page uses is taken out again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from . import assets
from .front import SHIPPED as NAME
from .policy import policy
from .render import _write

LICENSES = "licenses"
UNUSED = (
    "basic.css", "check-solid.svg", "clipboard.min.js", "copy-button.svg", "copybutton*", "design-tabs.js", "doctools.js",
    "documentation_options.js", "file.png", "language_data.js", "minus.png", "mystnb.*.css", "play-solid.svg", "plus.png",
    "pygments*.css", "searchtools.js", "sphinx-design.min.css", "sphinx-thebe.*", "sphinx_highlight.js", "togglebutton.*",
)  # fmt: skip
"""Files in ``_static`` that Sphinx and its extensions bring and no page asks for."""
OWN, TEXT = "MIT", "CC BY-SA 4.0"


@dataclass(frozen=True)
class Source:
    """A package as it is installed: its name, version and license, with the text of the license."""

    name: str
    version: str
    license: str
    text: str


@dataclass(frozen=True)
class Shipped:
    """Files of one kind: patterns below ``_static``, what they are, when they are sent, from where, under which license."""

    files: tuple[str, ...]
    what: str
    when: str
    source: str
    license: str
    texts: tuple[str, ...] = ()


def package(name: str) -> Source:
    """An installed package. ValueError where its metadata has no license, or no text of it."""
    found = distribution(name)
    said = found.metadata.get("License-Expression") or found.metadata.get("License") or ""
    files = [
        path for path in found.files or [] if re.search(r"(^|/)LICEN[CS]E", str(path)) and "dist-info" in str(path)
    ]
    if not said or not files:
        raise ValueError(f"the package {name} says no license, or brings no text of it: see its metadata")
    return Source(
        name, found.version, said, "\n".join(Path(str(p.locate())).read_text(encoding="utf-8") for p in files)
    )


def plotly_file() -> Path:
    """plotly.min.js as it is installed."""
    import plotly

    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@cache
def bundle() -> str:
    """The text of plotly.min.js."""
    return plotly_file().read_text(encoding="utf-8")


def bundled(script: str) -> tuple[str, str]:
    """The name and version that a script's first comment gives, and all license comments in it, each once."""
    head = re.search(r"\*\s*([\w.-]+) v([\d.]+)", script[:500])
    notes = re.findall(r"/\*[!*](?:(?!\*/).)*?(?:@license|@preserve|[Ll]icense)(?:(?!\*/).)*\*/", script, flags=re.S)
    return (f"{head[1]} {head[2]}" if head else ""), "\n\n".join(dict.fromkeys(note.strip() for note in notes))


def entries() -> list[Shipped]:
    """All that a reader may be sent, by kind."""
    plotly, colors = package("plotly"), package("accessible-pygments")
    script, _ = bundled(bundle())
    return [
        Shipped(("book.css", "print.css"), "how pages look on screens and on paper", "with every page",
                f"this book; colors of code from {colors.name} {colors.version}", f"{OWN}; colors of code {colors.license}",
                ("book", colors.name)),
        Shipped(("book.js", "favicon.svg"), "color mode, figures that answer, tables that sort, code that can be copied",
                "with every page", "this book", OWN, ("book",)),
        Shipped(("technology.css",), "pages of technologies", "with those pages", "this book", OWN, ("book",)),
        Shipped(("search.js", "search.css"), "the search", "when a reader reaches for the search", "this book", OWN, ("book",)),
        Shipped(("search-names.js", "search-words.js"), "what the search looks in, made from chapters and tables",
                "when a reader reaches for the search", "this book", TEXT, ("text",)),
        Shipped(("explorer*.js", "explorer.css"), "the explorer of stacks", "when a reader opens it", "this book", OWN, ("book",)),
        Shipped(("catalog.js",), "what the explorer looks in, made from the tables", "when a reader opens it", "this book", TEXT,
                ("text",)),
        Shipped(("figures/*.svg", "figures/*.png"), "pictures of the figures", "when they come near", "this book", TEXT, ("text",)),
        Shipped(("figures/*.js",), "figures that answer", "when a reader reaches for one", "this book", TEXT, ("text",)),
        Shipped(("figures/*.csv",), "numbers of the figures", "when a reader asks for them", "this book", TEXT, ("text",)),
        Shipped(("plotly.min.js",), "draws figures that answer", "when a reader reaches for one",
                f"{script}, from the package {plotly.name} {plotly.version}", plotly.license, (plotly.name, "plotly-bundled")),
        Shipped(("card.png",), "the picture for previews of links", "never to a reader of the book", "this book", TEXT, ("text",)),
        Shipped((f"{LICENSES}/*.txt",), "license texts", "when a reader asks for them", "their authors", "as they say", ()),
    ]  # fmt: skip


def texts(root: Path) -> dict[str, str]:
    """License texts by the name of their file: of the packages, of what is bundled in them, and of the book."""
    found = {name: package(name).text for name in ("plotly", "accessible-pygments")}
    found["plotly-bundled"] = bundled(bundle())[1]
    for name, file in (("book", "LICENSE"), ("text", "LICENSE-TEXT")):
        if (root / file).exists():
            found[name] = (root / file).read_text(encoding="utf-8")
    return found


def used(folder: Path, patterns: tuple[str, ...]) -> list[Path]:
    """The files in ``folder`` that match any of the patterns."""
    return sorted(path for pattern in patterns for path in folder.glob(pattern) if path.is_file())


class Scales:
    """What files weigh when they are sent compressed; a file is weighed again only when it has changed."""

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        self.before = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
        self.now: dict[str, int] = {}

    def weigh(self, path: Path) -> int:
        """Bytes of a file after gzip."""
        status = path.stat()
        key = f"{path.name} {status.st_size} {status.st_mtime_ns}"
        self.now[key] = self.before.get(key) or len(gzip.compress(path.read_bytes(), 6, mtime=0))
        return self.now[key]

    def keep(self) -> None:
        """Remember for the next build."""
        self.memory.write_text(json.dumps(self.now), encoding="utf-8")


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the license texts, and give the page."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    (static / LICENSES).mkdir(parents=True, exist_ok=True)
    here = texts(Path(app.srcdir))
    for name, text in here.items():
        _write(static / LICENSES / f"{name}.txt", text)
    scales = Scales(Path(app.doctreedir) / "weights.json")
    made = {"book.css": assets.stylesheet(), "book.js": assets.script()}
    rows = []
    for entry in entries():
        paths = {path.name: path for folder in (static, assets.THEME / "static") for path in used(folder, entry.files)}
        if "plotly.min.js" in entry.files:
            paths["plotly.min.js"] = plotly_file()
        weights = {name: scales.weigh(path) for name, path in paths.items() if name not in made}
        for name in made.keys() & set(entry.files):
            weights[name] = len(gzip.compress(made[name].encode(), 6, mtime=0))
        if weights:
            rows.append(
                {
                    "files": " ".join(entry.files),
                    "names": list(entry.files),
                    "count": len(weights),
                    "kilobytes": f"{sum(weights.values()) / 1000:,.1f}",
                    "what": entry.what,
                    "when": entry.when,
                    "source": entry.source,
                    "license": entry.license,
                    "texts": [text for text in entry.texts if text in here],
                }
            )
    scales.keep()
    math = distribution("latex2mathml")
    context = {
        "title": "What this site sends to you",
        "book_shipped": rows,
        "book_digest": hashlib.sha256(plotly_file().read_bytes()).hexdigest(),
        "book_math": f"latex2mathml {math.version}",
        "book_rules": policy().split("; "),
        "book_folder": f"_static/{LICENSES}/",
    }
    yield NAME, context, "shipped.html"


def page_context(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if pagename == NAME:
        context["book_description"] = (
            "Every file that this site sends to a reader: where it comes from, in which version, under which license."
        )


def prune(app: Sphinx, error: Exception | None) -> None:
    """Take out what no page asks for."""
    if error or app.builder.format != "html":
        return
    for path in used(Path(app.outdir) / "_static", UNUSED):
        path.unlink()


def setup(app: Sphinx) -> None:
    app.connect("html-collect-pages", collect, priority=900)
    app.connect("html-page-context", page_context, priority=960)
    app.connect("build-finished", prune, priority=900)
