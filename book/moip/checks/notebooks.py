"""The notebooks, linted as data: whole, executed, normalized, and saying nothing that is not computed or cited."""

from __future__ import annotations

import ast
import difflib
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .. import notebooks
from ..sources import entries
from . import Problem, terms

PLOTLY = "application/vnd.plotly.v1+json"
TAGS = {"hide-input", "remove-input", "try-it", "reference-page"}
BIBLIOGRAPHY = "book/references.bib"
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```|(?:\{[\w:]+\})?`[^`\n]*`", re.M | re.S)
SECTIONS = ("The case against", "Verdict", "Try it")
IN_SHORT_WORDS = 60
ESSAY_WORDS = (900, 2800)
NAMED = re.compile(
    r"""\b(?:BIPs?|BOLTs?|bLIPs?|RFCs?|LUDs?|NUTs?|NIPs?|LSPS|SLIPs?|PR|SHA|RIPEMD|CVE|ISO/IEC|ISO|ITU-T|CC|GPL|MIT|X|P2P|HTTP/|IPv|UTF|base|Base|Bech|v)
        [-\s]?[\d.]+(?:[-–]\d+)*(?:,?\s(?:and|to|or)\s\d+|,\s?\d+)*\b
      | \bCC\sBY-SA\s4\.0 | \bL[1-5]\b | \b[Ll]ayers?\s[1-5](?:(?:,|\sand|\sto|\sor|–)\s?[1-5])*\b
      | \b[\dkn]+-of-[\dkn]+\b | \b(?:section|chapter|part|figure|table|step|clause|equation|appendix)s?\s\d+(?:\.\d+)*
      | \bP2[A-Z]{2,5}\b | \bMOIP-L\d-\d+\b | \bsecp256k1\b | \b(?:python|Python)\s3\S* | \bECDSA\b | \bsha256\b | \bOP_\w+ """,
    re.VERBOSE,
)
FOREIGN = re.compile(
    r"(?<![\w.])/(?:home|tmp|root|Users|work|private|var/folders)/[\w.-]+|\b0x[0-9a-f]{9,16}\b(?= *>)| at 0x[0-9a-f]+>"
)


def check(base: Path) -> list[Problem]:
    """Every problem of the notebooks of the book at ``base``, in reading order."""
    problems: list[Problem] = []
    listed = notebooks.chapters(base)
    known = {path.resolve() for path in listed}
    for path in sorted((base / "book").rglob("*.ipynb")):
        if not {".ipynb_checkpoints", "moip"} & set(path.parts[len(base.parts) :]) and path.resolve() not in known:
            where = path.relative_to(base).as_posix()
            problems.append(Problem(where, "is not named in _toc.yml", "add it to a part of _toc.yml, or delete it"))
    for name in notebooks.documents(base):
        if not any((base / f"{name}{suffix}").exists() for suffix in (".ipynb", ".md")):
            problems.append(Problem("_toc.yml", f"names {name}, which is not there", "add the file, or drop the line"))
    labels: dict[str, str] = {}
    for path in listed:
        where = path.relative_to(base).as_posix()
        try:
            notebook = notebooks.read(path)
        except ValueError as error:
            problems.append(
                Problem(where, str(error).split("(")[0].strip(), "restore it from git or save it again in Jupyter")
            )
            continue
        problems += _stored(where, path, notebook)
        problems += _shape(where, notebook)
        problems += _outputs(where, notebook, labels)
        problems += _numbers(where, notebook)
        problems += _tags(where, notebook)
        problems += _targets(where, path, notebook, base)
        problems += terms.check(where, list(_read_aloud(where, notebook)), base)
    return problems


def _mend(where: str) -> str:
    return f"run: make execute NB={where}"


def _stored(where: str, path: Path, notebook: Any) -> Iterator[Problem]:
    code = [(i, c) for i, c in enumerate(notebook.cells, 1) if c.cell_type == "code"]
    counts = [c.get("execution_count") for _, c in code]
    if code and None in counts:
        yield Problem(f"{where} cell {code[counts.index(None)][0]}", "has not been executed", _mend(where))
    elif counts != list(range(1, len(code) + 1)):
        yield Problem(where, f"was not executed from top to bottom (counts {counts})", _mend(where))
    if code and not any(c.outputs for _, c in code):
        yield Problem(where, "has no stored output, and the stored outputs are the book", _mend(where))
    for i, cell in code:
        for output in cell.outputs:
            if output.output_type == "error":
                yield Problem(
                    f"{where} cell {i}",
                    f"stores an error ({output.get('ename')})",
                    "mend the cell, then " + _mend(where),
                )
            if output.get("name") == "stderr":
                yield Problem(f"{where} cell {i}", "stores a warning (stderr)", "mend what warns, then " + _mend(where))
    if path.read_text(encoding="utf-8") != notebooks.dumps(notebooks.normalize(notebook)):
        yield Problem(where, "is not normalized (metadata, cell ids or white space differ)", _mend(where))


def _shape(where: str, notebook: Any) -> Iterator[Problem]:
    headings = [
        (i, len(h), t.strip()) for i, c in _markdown(notebook) for h, t in re.findall(r"^(#+)\s+(.*)$", _prose(c), re.M)
    ]
    first = [(i, t) for i, level, t in headings if level == 1]
    if len(first) != 1 or not headings or headings[0][1] != 1:
        yield Problem(
            where,
            f"has {len(first)} level-1 headings, or does not begin with one",
            "begin with one line '# Title' and use it once",
        )
    for (_, above, _), (i, level, title) in itertools.pairwise(headings):
        if level > above + 1:
            yield Problem(
                f"{where} cell {i}",
                f"heading {title!r} jumps from level {above} to {level}",
                f"make it level {above + 1}",
            )
    if not notebook.cells or "reference-page" in notebook.cells[0].metadata.get("tags", []):
        return
    text = "\n".join(c for _, c in _markdown(notebook))
    short = re.search(r"^:::+\s*\{admonition\}\s*In short\s*\n(?::class:[^\n]*\n)?(.*?)^:::", text, re.M | re.S)
    if not short:
        yield Problem(
            where,
            "has no 'In short' box",
            "say the answer in ':::{admonition} In short', with ':class: in-short', below the title",
        )
    elif len(short.group(1).split()) > IN_SHORT_WORDS:
        yield Problem(where, f"'In short' has {len(short.group(1).split())} words", f"say it in {IN_SHORT_WORDS}")
    titles = [title.rstrip(".?!").lower() for _, _, title in headings]
    for section in SECTIONS:
        if section.lower() not in titles:
            yield Problem(where, f"has no section '{section}'", f"add '## {section}' (see book/moip/template.ipynb)")
    if not any(PLOTLY in data for _, _, data in _data(notebook)):
        yield Problem(where, "has no figure", "draw the figure that carries the argument with essay.figure(...)")
    spoken = "\n".join(_text(d["text/markdown"]) for _, _, d in _data(notebook) if "text/markdown" in d)
    count = len(re.findall(r"[A-Za-z][\w'’-]*", _prose(text + "\n" + spoken)))
    if not ESSAY_WORDS[0] <= count <= ESSAY_WORDS[1]:
        yield Problem(
            where,
            f"has {count} words of prose",
            f"an essay has {ESSAY_WORDS[0]} to {ESSAY_WORDS[1]}: cut it, split it or finish it",
        )


def _outputs(where: str, notebook: Any, labels: dict[str, str]) -> Iterator[Problem]:
    for i, _, data in _data(notebook):
        here = f"{where} cell {i}"
        name = ""
        if PLOTLY in data:
            meta = (data[PLOTLY].get("layout") or {}).get("meta")
            meta = meta if isinstance(meta, dict) else {}
            name = meta.get("name", "")
            for key, word in (("name", "name"), ("caption", "caption"), ("alt", "text alternative")):
                if not meta.get(key):
                    yield Problem(
                        here,
                        f"a figure has no {word}",
                        "show it with essay.figure(fig, name=..., caption=..., alt=...)",
                    )
            if "bdata" in str(data[PLOTLY]):
                yield Problem(
                    here, "a figure stores binary arrays, which no diff can show", "show it with essay.figure(...)"
                )
        elif "text/html" in data:
            found = re.match(
                r'<table class="moip-table" id="([^"]+)"[^>]*>\s*<caption>.+?</caption>', _text(data["text/html"]), re.S
            )
            name = found.group(1) if found else ""
            if "<table" in _text(data["text/html"]) and not found:
                yield Problem(
                    here, "a table has no name or caption", "show it with essay.table(df, name=..., caption=...)"
                )
        if name and name in labels:
            yield Problem(here, f"the name {name} is taken by {labels[name]}", "give it another name")
        elif name:
            labels[name] = here
        for mime, content in data.items():
            if mime.startswith("image/"):
                yield Problem(here, f"stores a picture ({mime})", "draw it with plotly and essay.figure(...)")
            elif found := FOREIGN.search(_text(content)):
                yield Problem(
                    here,
                    f"shows something of one machine: {found.group().strip()}",
                    "show a value, not an object or a path",
                )


def _numbers(where: str, notebook: Any) -> Iterator[Problem]:
    for i, text in _markdown(notebook):
        for sentence in _sentences(_prose(text)):
            if number := bare_number(sentence):
                yield _uncited(f"{where} cell {i}", number, sentence)
    for i, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            tree = ast.parse(re.sub(r"^\s*[%!].*$", "", cell.source, flags=re.M))
        except SyntaxError:
            continue
        for text in _spoken(tree):
            for sentence in _sentences(_prose(text)):
                if number := bare_number(sentence):
                    yield _uncited(f"{where} cell {i}", number, sentence)


def _uncited(where: str, number: str, sentence: str) -> Problem:
    shown = re.sub(r"\s+", " ", sentence).strip().replace("COMPUTED", "…")
    return Problem(
        where,
        f"the number {number} is neither computed nor cited in: {shown[:110]!r}",
        "compute it in an essay.say(f'...') cell, cite its source with {cite}`key` in the same sentence, or write it as a word",
    )


def bare_number(sentence: str) -> str:
    """The first number of a sentence that is typed, unless the sentence cites; a computed one may stand beside a cited one."""
    if "{cite" in sentence:
        return ""
    found = re.search(r"(?<![\w#{`])[~≈]?\d[\d,.]*(?:\s?%|[a-z]+)?", NAMED.sub("", sentence).replace("COMPUTED", ""))
    return found.group().strip() if found else ""


def _spoken(tree: ast.AST) -> Iterator[str]:
    """The texts that code shows a reader: essay.say, captions, alts and titles, with COMPUTED for each computed part."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        texts: list[ast.expr] = list(call.args[:1]) if function == "say" else []
        texts += [k.value for k in call.keywords if k.arg in ("caption", "alt", "title")]
        yield from (text for node in texts if (text := _literal(node)))


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(v) if isinstance(v, ast.Constant) else "COMPUTED" for v in node.values)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) + _literal(node.right)
    return ""


def _tags(where: str, notebook: Any) -> Iterator[Problem]:
    for i, cell in enumerate(notebook.cells, 1):
        tags = set(cell.metadata.get("tags", []))
        exempt = {t for t in tags if t.startswith("nbval")} | set(re.findall(r"#\s*(NBVAL_\w+)", cell.source))
        if exempt and not re.search(r"#\s*not compared:\s*\S+.{10,}", cell.source):
            yield Problem(
                f"{where} cell {i}",
                f"is exempted from comparison ({', '.join(sorted(exempt))}) without a reason",
                "make the output the same every time, or add the line '# not compared: why' to the cell",
            )
        for tag in sorted(tags - TAGS - exempt):
            yield Problem(f"{where} cell {i}", f"has the unknown tag {tag!r}", f"use one of {', '.join(sorted(TAGS))}")


def _targets(where: str, path: Path, notebook: Any, base: Path) -> Iterator[Problem]:
    """Citations of what the bibliography lacks, and links to files that are not there: the build would say so much later."""
    known = _keys(base / BIBLIOGRAPHY)
    spoken = [(i, _text(d["text/markdown"])) for i, _, d in _data(notebook) if "text/markdown" in d]
    for i, text in [*_markdown(notebook), *spoken]:
        for cited in CITED.findall(text):
            for key in (key.strip() for key in cited.split(",")):
                if known is not None and key not in known:
                    near = difflib.get_close_matches(key, known, n=3)
                    fix = f"add the entry there{', or write ' + ' or '.join(near) if near else ', or correct the key'}"
                    yield Problem(f"{where} cell {i}", f"cites {key!r}, which {BIBLIOGRAPHY} lacks", fix)
        for target in LINK.findall(CODE.sub(" ", text)):
            file = target.partition("#")[0]
            if file and not re.match(r"[a-z][\w+.-]*:", file) and not (path.parent / file).exists():
                what = f"links to {file}, which is not there"
                yield Problem(
                    f"{where} cell {i}", what, "write the way from this notebook, such as ../layers/transport.ipynb"
                )


def _keys(bibliography: Path) -> set[str] | None:
    """The keys of the bibliography; None where it cannot be read, which the check of the tables says."""
    try:
        return set(entries(bibliography))
    except (OSError, ValueError):
        return None


def _read_aloud(where: str, notebook: Any) -> Iterator[tuple[str, str]]:
    """The running text of a chapter, written or computed, and the cell where it stands."""
    for i, text in _markdown(notebook):
        yield f"{where} cell {i}", _prose(text)
    for i, _, output in _data(notebook):
        if "text/markdown" in output:
            yield f"{where} cell {i}", _prose(_text(output["text/markdown"]))


def _markdown(notebook: Any) -> Iterator[tuple[int, str]]:
    return ((i, c.source) for i, c in enumerate(notebook.cells, 1) if c.cell_type == "markdown")


def _data(notebook: Any) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for i, cell in enumerate(notebook.cells, 1):
        for k, output in enumerate(cell.get("outputs", [])):
            if output.output_type in ("display_data", "execute_result"):
                yield i, k, output.data
            elif output.output_type == "stream":
                yield i, k, {"text/plain": output.text}


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(content) if isinstance(content, list) else str(content)


def _prose(markdown: str) -> str:
    """Markdown without what is not prose: code, math, links' targets, directive lines, table rules."""
    for pattern, by in (
        (r"(?s)^```.*?^```", " "),
        (r"(?s)\$\$.*?\$\$", " "),
        (r"\{cite[^}]*\}`[^`]*`", "{cite}"),
        (r"(?:\{[\w:]+\})?`[^`]*`", " "),
        (r"\$[^$\n]+\$", " "),
        (r"\]\([^)]*\)", "]"),
        (r"<https?://[^>]*>|https?://\S+", " "),
        (r"^:::.*$|^:\w[\w-]*:.*$|^\(.*\)=$", " "),
        (r"^(\s*)(?:\d+[.)]|[-*])\s", r"\1"),
    ):
        markdown = re.sub(pattern, by, markdown, flags=re.M)
    return markdown


def _sentences(text: str) -> list[str]:
    blocks = re.split(r"\n\s*\n|\n(?=\s*[-*#|]\s?)", text)
    return [s for block in blocks for s in re.split(r"(?<=[.!?:])[\"'”’*_)]*\s+(?=[A-Z\"“*_(\[{])", block) if s.strip()]
