"""A page for every technology of the register, ``technology/<key>.html``, and a list of them all by layer.

The pages are made from the tables and from what the chapters say; they are not documents of the book. A page is written
again only when something that stands on it has changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .. import data, sources
from . import assets, text
from .links import Repository

REGISTER = "book/register/register"
FOLDER = "technology"
INDEX = f"{FOLDER}/index"
SIGNATURES = "technology.json"
NO_PART = "no part in it by its specification"
SILENT = re.compile(r"book/(register/|(glossary|references|take-part|what-changed)$)")
"""Documents whose words say nothing of where the book argues about a technology."""
TABLES = (
    "technologies", "technology_spans", "technology_services", "technology_second_coding", "catalog", "services",
    "properties", "assessments", "requirements", "layers",
)  # fmt: skip
"""What the pages are made from."""
TRUST = {
    "trustless": "the rules that everyone checks are enough",
    "minimized": "one can leave alone, as long as somebody stays honest or awake",
    "federated": "some of several parties decide",
    "custodial": "one party decides",
    "none": "it holds nothing, so there is nobody to trust with money",
    "unknown": "no source was seen that says it",
}
TRUST_IN_SERVICE = "it holds nothing, and works as long as somebody stays honest or awake"
"""What *minimized* means of something that holds no money: there is nothing to leave with."""
CUSTODY = {
    "self": "the owner",
    "shared": "the owner together with others",
    "federation": "a federation",
    "provider": "a provider",
    "none": "nobody: it holds no keys to money",
    "unknown": "unknown",
}
ALONE = {
    "passed": "meets it",
    "broken": "breaks it",
    "left": "leaves it to others",
    "undecided": "cannot be decided: a value is unknown",
}
COMMON = frozenset({"bitcoin", "ledger", "loop"})
"""Keys of technologies that are words of every day."""
SPECIFICATION = re.compile(r"^(BIP|BOLT|NUT|LUD|NIP|SLIP|bLIP)[ -]?0*(\d+)$")


# ---- from the tables to what stands on a page ----


def records(tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """What a page says of each technology, by its key, in the order of layer and name; plain values that JSON can hold."""
    layers = {int(row.layer): row for row in tables["layers"].itertuples()}
    spans = _groups(tables["technology_spans"].sort_values("layer"), "technology")
    second = {row["technology"]: row for row in _rows(tables["technology_second_coding"])}
    members = _members(tables)
    found: dict[str, dict[str, Any]] = {}
    order = tables["technologies"].sort_values(
        ["layer", "name"], key=lambda s: s.str.lower() if s.name == "name" else s
    )
    for row in _rows(order):
        key = row["technology"]
        roles = {s["layer"]: s["role"] for s in spans.get(key, [])}
        due = row["as_of"] + pd.DateOffset(months=int(row["review_months"]))
        found[key] = {
            "key": key,
            "name": row["name"],
            "layer": row["layer"],
            "layer_name": layers[row["layer"]].name,
            "levels": [
                {"layer": n, "name": layers[n].name, "role": roles.get(n, ""), "primary": n == row["layer"]}
                for n in sorted(layers, reverse=True)
            ],
            "justification": _sentence(row["justification"]),
            "category": row["category"],
            "status": row["status"],
            "year": "" if row["year"] is None else str(row["year"]),
            "year_event": row["year_event"] or "",
            "specification": _specification(row["specification"]),
            "trust_class": row["trust_class"],
            "trust": TRUST_IN_SERVICE
            if (row["trust_class"], row["custody"]) == ("minimized", "none")
            else TRUST[row["trust_class"]],
            "custody": CUSTODY[row["custody"]],
            "source": _source(row["source"]),
            "as_of": f"{row['as_of']:%Y-%m-%d}",
            "due": f"{due:%Y-%m-%d}",
            "review_months": row["review_months"],
            "second": _second(second.get(key), row, layers),
            "members": members.get(key, []),
        }
    return found


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The rows of a table, a missing value being None."""
    for row in table.to_dict("records"):
        yield {k: None if not isinstance(v, tuple) and pd.isna(v) else v for k, v in row.items()}


def _groups(table: pd.DataFrame, key: str) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(table):
        groups.setdefault(row[key], []).append(row)
    return groups


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?")) else words + "."


def _short(value: str) -> str:
    """A value for people with three digits where it is a fraction with more."""
    return f"{float(value):.3g}" if re.fullmatch(r"\d*\.\d{4,}", value) else value


def _source(key: str) -> dict[str, str]:
    return {"key": key, "title": sources.title(key), "url": sources.address(key)}


def _specification(words: str) -> list[dict[str, str]]:
    """The parts of a specification's name, each with the address of the source that the book has for it, if it has one."""
    parts = []
    for part in re.split(r",\s*", words):
        match = SPECIFICATION.match(part)
        key = f"{match[1].lower()}{match[2]}" if match else ""
        padded = f"{match[1].lower()}{int(match[2]):02}" if match else ""
        known = next((k for k in (key, padded) if k and k in sources.entries()), "")
        parts.append({"text": part, "url": sources.address(known) if known else ""})
    return parts


def _second(coded: dict[str, Any] | None, row: dict[str, Any], layers: Mapping[int, Any]) -> dict[str, Any] | None:
    """What the second coding says of the same technology."""
    if coded is None:
        return None
    also = ", ".join(str(n) for n in coded["spans"])
    return {
        "layer": f"{coded['layer']} {layers[int(coded['layer'])].name}",
        "also": also,
        "trust_class": coded["trust_class"],
        "confidence": coded["confidence"],
        "reason": _sentence(coded["reason"]),
        "same_layer": coded["layer"] == row["layer"],
        "same_trust": coded["trust_class"] == row["trust_class"],
    }


def _members(tables: Mapping[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """What the catalog of stacks holds of each technology: services, properties and the requirements that it decides."""
    from ..model.catalog import Catalog
    from ..model.properties import properties

    catalog = Catalog.of(tables)
    known = properties(tables["properties"])
    services = {row["service"]: row for row in _rows(tables["services"])}
    names = {row["technology"]: row["name"] for row in _rows(tables["technologies"])}
    sides = _groups(tables["technology_services"], "member")
    assessed = _groups(tables["assessments"], "member")
    decided = _decided(catalog, tables["requirements"])

    def service(row: dict[str, Any], with_offers: bool) -> dict[str, Any]:
        one = services[row["service"]]
        offers = [m for m in catalog.members.values() if row["service"] in m.offers] if with_offers else []
        return {
            "name": one["name"],
            "layer": one["layer"],
            "description": one["description"],
            "note": row["note"] or "",
            "offered_by": [{"key": m.technology, "name": names[m.technology]} for m in offers],
        }

    found: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(tables["catalog"]):
        key = row["member"]
        values, silent = [], []
        for one in assessed.get(key, []):
            prop = known[one["property"]]
            if one["value"] == "none" and one["note"] == NO_PART:
                silent.append(prop.name)
                continue
            values.append(
                {
                    "name": prop.name,
                    "question": prop.question,
                    "value": _short(prop.show(prop.parse(one["value"]))),
                    "unit": prop.unit if one["value"] not in ("none", "unknown", "no-exit") else "",
                    "basis": one["basis"] + (" (computed)" if one["computed"] else ""),
                    "note": one["note"] or "",
                    "source": _source(one["source"]),
                    "as_of": f"{one['as_of']:%Y-%m-%d}",
                }
            )
        found.setdefault(row["technology"], []).append(
            {
                "key": key,
                "own": key == row["technology"],
                "layer": row["layer"],
                "slot": row["slot"],
                "note": row["note"] or "",
                "offers": [service(r, False) for r in sides.get(key, []) if r["role"] == "offers"],
                "needs": [service(r, True) for r in sides.get(key, []) if r["role"] == "needs"],
                "values": values,
                "silent": silent,
                "requirements": decided[key],
            }
        )
    for several in found.values():
        several.sort(key=lambda member: not member["own"])
    return found


def _decided(catalog: Any, table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The requirements on which a member, taken alone, changes the answer that no member at all would give.

    One that it breaks alone and that some other member beside it would mend is left to others.
    """
    from ..model.requirements import BROKEN, CHECKS, PASSED, VOID
    from ..model.stacks import Stack

    rows = [row for row in table.itertuples() if row.check in CHECKS]
    nobody = {row.check: CHECKS[row.check](Stack((), catalog)) for row in rows}

    def left(check: str, member: Any) -> bool:
        others = (one for one in catalog.members.values() if one is not member)
        return any(CHECKS[check](Stack((member, other), catalog)) == PASSED for other in others)

    found: dict[str, list[dict[str, Any]]] = {}
    for member in catalog.members.values():
        found[member.key] = []
        for row in rows:
            alone = CHECKS[row.check](Stack((member,), catalog))
            if alone in (VOID, nobody[row.check]):
                continue
            said = ALONE["left"] if alone == BROKEN and left(row.check, member) else ALONE[alone]
            found[member.key].append(
                {"requirement": row.requirement, "layer": int(row.layer), "level": row.level,
                 "statement": row.statement, "alone": said}
            )  # fmt: skip
    return found


# ---- where the chapters speak of it ----


def aliases(key: str, name: str) -> list[str]:
    """The words by which a chapter may call a technology: its name, what its parentheses say, its name in short, its key."""
    match = re.match(r"^(.*?)\s*\(([^)]*)\)\s*(.*)$", name)
    base, inner = (f"{match[1]} {match[3]}".strip(), match[2]) if match else (name, "")
    found = [base] if not base.startswith("bitcoin: URI") else []
    if SPECIFICATION.match(inner) or re.fullmatch(r"[A-Za-z_]*[A-Z_0-9][\w-]{2,}|[a-z]{5,}[0-9]?", inner):
        found.append(inner)
    if base.endswith(" Network"):
        found.append(base.removesuffix(" Network"))
    if numbered := re.fullmatch(r"(bip|bolt|slip)(\d+)", key):
        found.append(f"{numbered[1].upper()} {numbered[2]}")
    elif len(key) >= 4 and "-" not in key and key not in COMMON:
        found.append(key)
    return list(dict.fromkeys(found))


def pattern(alias: str) -> re.Pattern[str]:
    """Finds an alias as whole words; common nouns in any case and number, names as they are written."""
    words = alias.split(" ")
    if alias.islower() and len(words) == 1:
        return re.compile(rf"(?<![\w-]){re.escape(alias.removesuffix('s'))}s?(?![\w-])", re.IGNORECASE)
    proper = any(re.search(r"[A-Z0-9]", word[1:] if i == 0 else word) for i, word in enumerate(words))
    plural = len(words) > 1 or alias.endswith("s")
    flags = re.IGNORECASE if not proper and plural else 0
    stem = alias[:-1] if alias.endswith("s") and not proper else alias
    ending = "s?" if not proper else ""
    return re.compile(rf"(?<![\w-]){re.escape(stem)}{ending}(?![\w-])", flags)


def mentions(env: BuildEnvironment, names: Mapping[str, str], order: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Technology -> the chapters that speak of it, in the book's order, with the first section and the number of sections."""
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in names}
    others = set(names.values())
    known = [
        (key, alias.removesuffix("s").lower(), pattern(alias))
        for key, name in names.items()
        for alias in aliases(key, name)
        if alias == name or alias not in others
    ]
    said = text.of(env)
    for doc in order:
        parts = said.get(doc, [])
        if SILENT.match(doc) or not parts:
            continue
        whole = [f"{part.title} {part.text} {part.tables}" for part in parts]
        lower = [words.lower() for words in whole]
        hits: dict[str, set[int]] = {}
        for number, part in enumerate(parts):
            for link in part.links:
                if "register" in link and "#" in link:
                    hits.setdefault(link.rpartition("#")[2], set()).add(number)
        everything = "\n".join(lower)
        for key, stem, finder in known:
            if stem in everything:  # most are not, and this is quicker than the expression
                numbers = {n for n, words in enumerate(lower) if stem in words and finder.search(whole[n])}
                hits.setdefault(key, set()).update(numbers)
        for key in hits.keys() & names.keys():
            here = [parts[number] for number in sorted(hits[key])]
            if here:
                first = next((part for part in here if part.anchor), here[0])
                found[key].append(
                    {"doc": doc, "chapter": parts[0].title, "anchor": first.anchor,
                     "section": first.title if first.anchor else "", "count": len(here)}
                )  # fmt: skip
    return found


# ---- pages ----


def layer_documents(env: BuildEnvironment, layers: pd.DataFrame) -> dict[int, str]:
    """Layer number -> its chapter, where the book has it."""
    names = {int(row.layer): f"book/layers/{row.name.lower()}" for row in layers.itertuples()}
    return {number: name for number, name in names.items() if name in env.all_docs}


def collect_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The pages whose content is not what the site already has."""
    if app.builder.format != "html" or REGISTER not in app.env.all_docs:
        return
    tables = {name: data.table(name) for name in TABLES}
    every = records(tables)
    chapters = layer_documents(app.env, tables["layers"])
    said = mentions(app.env, {key: one["name"] for key, one in every.items()}, _reading_order(app))
    requirements = {n: _requirements(app.env, doc) for n, doc in chapters.items()}
    shell = _shell(app)
    kept = Path(app.doctreedir) / SIGNATURES
    before = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    after: dict[str, str] = {}

    def page(name: str, context: dict[str, Any], template: str) -> Iterator[tuple[str, dict[str, Any], str]]:
        words = json.dumps([shell, context], sort_keys=True)
        after[name] = hashlib.sha256(words.encode()).hexdigest()[:16]
        if before.get(name) != after[name] or not Path(app.builder.get_outfilename(name)).exists():
            yield name, context, template

    keys = list(every)
    for key in keys:
        one = every[key]
        same = [k for k in keys if every[k]["layer"] == one["layer"]]
        place = same.index(key)
        context = {
            "title": one["name"],
            "book_technology": one,
            "book_title": f"{one['name']} (layer {one['layer']}, {one['layer_name']})",
            "book_summary": _summary(one),
            "book_chapters": {str(n): doc for n, doc in chapters.items()},
            "book_mentions": said[key],
            "book_requirements": {str(n): where for n, where in requirements.items()},
            "book_neighbors": [
                {"key": same[p], "name": every[same[p]]["name"]} if 0 <= p < len(same) else None
                for p in (place - 1, place + 1)
            ],
            "book_place": [place + 1, len(same)],
        }
        yield from page(f"{FOLDER}/{key}", context, "technology.html")
    groups = [
        {
            "layer": n,
            "name": name,
            "question": question,
            "doc": chapters.get(n, ""),
            "technologies": [
                {k: one[k] for k in ("key", "name", "trust_class", "status")}
                for one in every.values()
                if one["layer"] == n
            ],
        }
        for n, name, question in tables["layers"]
        .sort_values("layer")[["layer", "name", "question"]]
        .itertuples(index=False)
    ]
    context = {
        "title": "All technologies by layer",
        "book_groups": groups,
        "book_count": len(every),
        "book_summary": f"{len(every)} technologies that Bitcoin is used with, by the layer that each mainly belongs to, with whom it asks to trust.",
    }
    yield from page(INDEX, context, "technologies.html")
    for gone in before.keys() - after.keys():
        Path(app.builder.get_outfilename(gone)).unlink(missing_ok=True)
    kept.write_text(json.dumps(after), encoding="utf-8")


def outdated(app: Sphinx, env: BuildEnvironment, _added: set[str], _changed: set[str], _removed: set[str]) -> list[str]:
    """The register, when a table or a template is another: Sphinx makes no page at all where no document changed."""
    files = [data.folder() / data.resource(name)["path"] for name in TABLES] + sorted(assets.THEME.glob("*.html"))
    now = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    before, env.moip_tables = getattr(env, "moip_tables", None), now  # type: ignore[attr-defined]
    return [REGISTER] if before != now and REGISTER in env.all_docs else []


def _summary(one: Mapping[str, Any]) -> str:
    """The description for a search engine."""
    start = f"{one['name']}, layer {one['layer']} ({one['layer_name']}), trust class {one['trust_class']}. "
    return text.shorten(start + one["justification"], 160)


def _reading_order(app: Sphinx) -> list[str]:
    """The documents of the book, root first, as its contents name them."""
    found = [app.config.root_doc]
    for name in found:
        found += [doc for doc in app.env.toctree_includes.get(name, []) if doc not in found]
    return found


def _requirements(env: BuildEnvironment, doc: str) -> str:
    """The anchor of the table of requirements in a layer's chapter, or an empty string."""
    label = f"tbl-requirements-{doc.rpartition('/')[2]}"
    where = env.get_domain("std").anonlabels.get(label)  # type: ignore[attr-defined]
    return where[1] if where and where[0] == doc else ""


def _shell(app: Sphinx) -> str:
    """What changes when everything around a page's content does: templates, stylesheet, contents, links, code of the site."""
    files = [*sorted(assets.THEME.glob("*.html")), *sorted(Path(__file__).parent.glob("*.py"))]
    parts = [path.read_text(encoding="utf-8") for path in files]
    here: Repository = app.config.html_context["book_repository"]
    parts += [
        assets._contents(app),
        assets._css_hash(app),
        repr(here),
        app.config.html_baseurl,
        app.config.html_title,
        app.config.copyright,
    ]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def page_context(app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    """Give a technology's page its links and neighbors, and the rows of the register the way to their pages."""
    if pagename == REGISTER:
        context["body"] = link_rows(context["body"], context["pathto"](f"{FOLDER}/x"))
    elif one := context.get("book_technology"):
        here: Repository = app.config.html_context["book_repository"]
        ends = [{"link": f"{n['key']}.html", "title": n["name"]} if n else None for n in context["book_neighbors"]]
        context["prev"], context["next"] = ends
        row = f"{context['pathto'](REGISTER)}#{one['key']}"
        context["book_actions"] = [{"kind": "row", "text": "Its row in the register", "url": row}]
        if here.slug:
            context["book_actions"].append(
                {"kind": "edit", "text": "Correct a fact", "url": here.edit("data/technologies.csv")}
            )
    if pagename.startswith(f"{FOLDER}/"):
        context["book_description"] = context["book_summary"]
        entry = f'<li class="toctree-l1"><a class="reference internal" href="{context["pathto"](REGISTER)}">'
        context["book_toctree"] = context["book_toctree"].replace(entry, entry.replace('l1"', 'l1 current"', 1))
    elif number := _layers(app).get(pagename):
        every = {
            "kind": "list",
            "text": "Technologies of this layer",
            "url": f"{context['pathto'](INDEX)}#layer-{number}",
        }
        context["book_actions"] = [*context["book_actions"], every]


def _layers(app: Sphinx) -> dict[str, int]:
    """The chapter of each layer and its number, looked up once a build; empty where there is no register to lead to."""
    if not hasattr(app, "moip_layers"):
        there = REGISTER in app.env.all_docs
        found = layer_documents(app.env, data.table("layers")) if there else {}
        app.moip_layers = {doc: number for number, doc in found.items()}  # type: ignore[attr-defined]
    return app.moip_layers  # type: ignore[attr-defined]


def link_rows(body: str, example: str) -> str:
    """The register with each name made a link to the technology's page; ``example`` is the way to the page of ``x``."""
    return re.sub(
        r'(<tr id="([\w-]+)"><th scope="row"[^>]*>)([^<]+)',
        lambda m: f'{m[1]}<a href="{example.replace("/x.html", f"/{m[2]}.html")}">{m[3]}</a>',
        body,
    )


def setup(app: Sphinx) -> None:
    app.connect("env-get-outdated", outdated)
    app.connect("html-collect-pages", collect_pages)
    app.connect("html-page-context", page_context, priority=960)
