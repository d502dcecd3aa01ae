"""The page around the essays: the book's theme, its one stylesheet and its scripts; nothing from another host.

The theme is Sphinx's ``basic`` with the book's own layout (``theme/``). A page asks for one stylesheet, the scripts that it
uses, and pictures; plotly.js waits until a reader reaches for a figure.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from docutils import nodes
from latex2mathml.converter import convert as to_mathml
from myst_nb.sphinx_ import HideCodeCellNode
from pygments.formatters import HtmlFormatter
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment.adapters.toctree import TocTree
from sphinx.util.osutil import relative_uri

from ..figures import css_variables, palette_json
from .links import Repository

THEME = Path(__file__).parent / "theme"
SCRIPTS = ("book.js",)
MODE_SCRIPT = (
    "(()=>{const d=document.documentElement.dataset;let m='auto';try{m=localStorage.getItem('mode')||m}catch{}"
    "d.mode=m;d.theme=m==='auto'?(matchMedia('(prefers-color-scheme: dark)').matches?'dark':'light'):m})()"
)


def stylesheet() -> str:
    """The book's whole stylesheet: palette, code colors for both modes, the book's own rules."""
    light = HtmlFormatter(style="a11y-high-contrast-light").get_style_defs(".highlight")
    dark = HtmlFormatter(style="a11y-high-contrast-dark").get_style_defs('html[data-theme="dark"] .highlight')
    own = (THEME / "static" / "book.css").read_text(encoding="utf-8")
    parts = [css_variables(), _colors_only(light), f"@media screen{{\n{_colors_only(dark)}\n}}", own]
    text = re.sub(r"/\*.*?\*/", "", "\n".join(parts), flags=re.S)
    return re.sub(r"\s*\n\s*", "\n", text).strip() + "\n"


def _colors_only(css: str) -> str:
    """Pygments' token rules without its rules for line numbers and backgrounds, which are the book's."""
    return "\n".join(line for line in css.splitlines() if re.search(r"\.highlight \.\w", line) and "hll" not in line)


def script() -> str:
    """The book's script with the palette in its place."""
    text = (THEME / "static" / "book.js").read_text(encoding="utf-8")
    return re.sub(r"/\*palette\*/.*?/\*end\*/", lambda _: palette_json(), text)


def copy_assets(app: Sphinx, error: Exception | None) -> None:
    """Write the stylesheet, the script and plotly.js into the built site."""
    if error or app.builder.format != "html":
        return
    import plotly

    static = Path(app.outdir) / "_static"
    (static / "book.css").write_text(stylesheet(), encoding="utf-8")
    (static / "book.js").write_text(script(), encoding="utf-8")
    bundle = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    target = static / "plotly.min.js"
    if not target.exists() or target.stat().st_size != bundle.stat().st_size:
        shutil.copyfile(bundle, target)


def page_context(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """What the layout needs besides Sphinx's own: navigation, description, links that follow the fork."""
    here: Repository = app.config.html_context["book_repository"]
    context["book_repository"] = here
    context["book_scripts"] = SCRIPTS
    context["book_css_hash"] = _css_hash(app)
    context["book_mode_script"] = MODE_SCRIPT
    context["book_description"] = _description(doctree) or DESCRIPTION
    context["body"] = _follow(_accessible(context.get("body", "")), here, context["pathto"]("book/take-part"))
    root = app.config.root_doc
    context["book_root_title"] = app.env.titles[root].astext()
    context["book_toctree"] = _toctree(app, pagename)
    context["book_page_toc"] = _page_toc(context.get("toc", "")) if doctree is not None else ""
    context["book_actions"] = _actions(app, pagename, here) if doctree is not None else []


DESCRIPTION = "Money over IP: an open reference architecture for a layered Bitcoin, as a book whose arguments run."


def _accessible(body: str) -> str:
    """The page's content with what Sphinx's HTML lacks: code that scrolls by keyboard, no role that ARIA dropped."""
    body = body.replace("<pre>", '<pre tabindex="0">')
    return re.sub(r' role="(?:list|doc-biblioentry)"(?=[^>]*>)', "", body)


def _follow(body: str, here: Repository, take_part: str) -> str:
    """The page's content with links that follow the fork, and notebook links made page links.

    Chapters write ``https://fork.invalid/`` and then ``binder``, ``issues`` or ``repository``; where the book is built
    outside a repository such a link leads to the page on taking part.
    """
    targets = {"binder": here.binder(), "issues": here.url and f"{here.url}/issues/new/choose", "repository": here.url}
    body = re.sub(r"https://fork\.invalid/(\w+)", lambda m: targets[m.group(1)] or take_part, body)
    return re.sub(r'(href="(?![\w+.-]+:)(?!(?:\.\./)*_)[^"]*?)\.ipynb(?=[#"])', r"\1.html", body)


def _css_hash(app: Sphinx) -> str:
    if not hasattr(app, "moip_css_hash"):
        app.moip_css_hash = hashlib.sha256(stylesheet().encode()).hexdigest()[:8]  # type: ignore[attr-defined]
    return app.moip_css_hash  # type: ignore[attr-defined]


def _description(doctree: nodes.document | None) -> str:
    """The chapter's answer in short, else its first paragraph, at most 160 characters for a search engine."""
    if doctree is None:
        return ""
    short = next((a for a in doctree.findall(nodes.admonition) if "in-short" in a["classes"]), doctree)
    text = next((p.astext() for p in short.findall(nodes.paragraph)), "").replace("\n", " ")
    return text if len(text) <= 160 else text[:157].rsplit(" ", 1)[0] + " …"


def _contents(app: Sphinx) -> str:
    """The whole book's contents, one level, with links from the site's root; rendered once a build."""
    if not hasattr(app, "moip_contents"):
        root = app.config.root_doc
        tree = TocTree(app.env).get_toctree_for(
            root, app.builder, collapse=False, maxdepth=1, includehidden=True, titles_only=True
        )
        html = app.builder.render_partial(tree)["fragment"] if tree is not None else ""
        html = re.sub(r'<p (?:aria-level="\d" )?class="caption" role="heading">', '<p class="caption">', html)
        base = app.builder.get_target_uri(root)
        html = re.sub(r'href="([^"]+)"', lambda m: f'href="{urljoin(base, m.group(1))}"', html)
        app.moip_contents = html  # type: ignore[attr-defined]
    return app.moip_contents  # type: ignore[attr-defined]


def _toctree(app: Sphinx, pagename: str) -> str:
    """The book's contents as a page links to it, its own entry marked."""
    here = app.builder.get_target_uri(pagename) if pagename in app.env.titles else f"{pagename}.html"
    html = _contents(app).replace(
        f'<li class="toctree-l1"><a class="reference internal" href="{here}">',
        f'<li class="toctree-l1 current"><a aria-current="page" class="current reference internal" href="{here}">',
    )
    return re.sub(r'href="([^"]+)"', lambda m: f'href="{relative_uri(here, m.group(1)) or "#"}"', html)


def _page_toc(toc: str) -> str:
    """The headings below the chapter's title, or nothing where there are fewer than two."""
    match = re.search(r"<ul>\s*<li><a[^>]*>.*?</a>\s*(<ul>.*</ul>)\s*</li>\s*</ul>\s*$", toc, flags=re.S)
    return match.group(1) if match and match.group(1).count("<li>") > 1 else ""


def _actions(app: Sphinx, pagename: str, here: Repository) -> list[dict[str, Any]]:
    path = Path(app.env.doc2path(pagename, base=False)).as_posix()
    notebook = path.endswith(".ipynb")
    actions = []
    if notebook and here.slug:
        actions.append({"kind": "run", "text": "Run on Binder", "url": here.binder(path)})
    if notebook:
        depth = "../" * pagename.count("/")
        actions.append(
            {"kind": "get", "text": "Download the notebook", "url": f"{depth}_sources/{path}", "download": True}
        )
    if here.slug:
        actions.append({"kind": "edit", "text": "Propose a change", "url": here.edit(_written(Path(app.srcdir), path))})
    return actions


def _written(base: Path, path: str) -> str:
    """The file that holds the words of a page: its own, or the one that it includes and is nothing without."""
    if not path.endswith(".md"):
        return path
    only = re.fullmatch(r"\s*```\{include\} (\S+)\s*```\s*", (base / path).read_text(encoding="utf-8"))
    return (base / path).parent.joinpath(only[1]).resolve().relative_to(base.resolve()).as_posix() if only else path


def set_theme(app: Sphinx, config: Config) -> None:
    """Use the book's theme and nothing of the theme that Jupyter Book would take."""
    config.html_theme = "moip"
    config.html_theme_options = {}
    config.html_math_renderer = "mathml"
    config.html_sidebars = {}


def drop_thebe(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Take out the configuration of Thebe, which Jupyter Book's extension writes into every notebook and the book does not use."""
    for node in list(doctree.findall(nodes.raw)):
        if "thebe" in node.astext() or node.astext().startswith("<script>kernelName"):
            node.parent.remove(node)


def visit_hidden(self: Any, node: HideCodeCellNode) -> None:
    """Hidden code as a plain disclosure, its label being what it says."""
    kind = "code" if "above-input" in node["classes"] else "result"
    self.body.append(f'<details class="hidden-{kind}"><summary>{"Code" if kind == "code" else "Result"}</summary>\n')


def depart_hidden(self: Any, node: HideCodeCellNode) -> None:
    self.body.append("</details>\n")


def visit_math(self: Any, node: nodes.math) -> None:
    """Inline math as MathML: no script, no font, no other host."""
    self.body.append(to_mathml(node.astext()))
    raise nodes.SkipNode


def visit_displaymath(self: Any, node: nodes.math_block) -> None:
    number = f'<span class="eqno">({node["number"]})</span>' if node.get("number") else ""
    ids = f' id="{node["ids"][0]}"' if node.get("ids") else ""
    label = 'role="region" tabindex="0" aria-label="Equation"'
    self.body.append(f'<div class="math"{ids} {label}>{to_mathml(node.astext(), display="block")}{number}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    app.add_html_theme("moip", THEME)
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    app.add_node(HideCodeCellNode, override=True, html=(visit_hidden, depart_hidden))
    app.connect("config-inited", set_theme, priority=200)
    app.connect("doctree-resolved", drop_thebe, priority=900)
    app.connect("html-page-context", page_context, priority=900)
    app.connect("build-finished", copy_assets)
