"""core_modules: the parts of Bitcoin Core's source, year by year, and which parts include which.

    python data/derive/core_modules.py BITCOIN_CORE [--out FILE]

For the last commit of each year (committer's date, first parents only), and for the pinned commit: the program's own
C++ files under ``src/`` (at the root in 2009 and 2010), sorted into modules by their path. Left out are tests,
benchmarks and the libraries that the repository carries along (LevelDB, secp256k1 and others). A line counts when it
is not blank. A source file *sees* a module when it includes one of its headers, directly or through other headers of
the program, wherever the compiler would look. What only some builds include counts too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import dirname, join, normpath

from upstream import Repository, main

FIELDS = [
    "year", "module", "as_of", "commit", "files", "lines", "source_files", "see_validation", "see_wallet", "see_gui",
    "source",
]  # fmt: skip
SOURCE = "repo-bitcoin-core"
FIRST_YEAR = 2009
CARRIED = re.compile(
    r"(leveldb|secp256k1|univalue|minisketch|crc32c|cryptopp|json|ipc/libmultiprocess)/|tinyformat|strlcpy|crypto/ctaes"
)
TESTS = re.compile(r"(^|/)(test|bench)(/|$)")
# The first pattern that matches the path below src/ decides; what none matches is the node.
MODULES = {
    "gui": r"qt/|ui\.|uibase\.|qtui\.",
    "interfaces": r"interfaces|ui_interface|node/interface|noui|walletinitinterface|dummywallet",
    "wallet": r"wallet|crypter|rpcwallet|rpcdump|rpc/wallet|bitcoin-wallet",
    "calls": r"rpc|bitcoinrpc|httprpc|httpserver|rest|zmq|ipc/|bitcoin-(cli|tx|util)",
    "node": r"",
}
VALIDATION = {"main.h", "validation.h"}  # right below src/; consensus/validation.h only names the states of a verdict
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.MULTILINE)


def module(path: str) -> str | None:
    """The module of a file, by its path in the repository; None for what is not the program's own source."""
    below = path.removeprefix("src/")
    if CARRIED.match(below) or TESTS.search(below):
        return None
    return next(name for name, pattern in MODULES.items() if re.match(pattern, below))


def sources(core: Repository, commit: str) -> dict[str, str]:
    """Path -> text of the program's own C++ files at a commit."""
    names = core.git("ls-tree", "-r", "-z", "--name-only", commit).decode("utf-8").split("\0")
    inside = "src/" if any(name.startswith("src/main.") or name == "src/init.cpp" for name in names) else ""
    chosen = [
        name
        for name in names
        if re.search(r"\.(cpp|h)$", name) and (name.startswith("src/") if inside else "/" not in name) and module(name)
    ]
    return {name: core.read(name, commit) for name in chosen}


def includes(files: dict[str, str]) -> dict[str, set[str]]:
    """Path -> the program's own files that it includes, looked for beside it and then from the source folder."""
    root = "src" if any(name.startswith("src/") for name in files) else ""
    found: dict[str, set[str]] = {}
    for name, text in files.items():
        places = ([normpath(join(dirname(name), n)), normpath(join(root, n))] for n in INCLUDE.findall(text))
        found[name] = {next(place for place in both if place in files) for both in places if set(both) & files.keys()}
    return found


def reached(name: str, included: dict[str, set[str]]) -> set[str]:
    """All files that a file includes, directly or through others."""
    seen: set[str] = set()
    todo = [name]
    while todo:
        new = included[todo.pop()] - seen
        seen |= new
        todo += new
    return seen


def rows(files: dict[str, str]) -> Iterator[dict[str, object]]:
    """One row a module that has a file, by name."""
    included = includes(files)
    units: dict[str, list[set[str]]] = {}
    for name in files:
        if name.endswith(".cpp"):
            units.setdefault(module(name), []).append(reached(name, included))
    for one in sorted({module(name) for name in files}):
        own = [name for name in files if module(name) == one]
        seen = units.get(one, [])
        yield {
            "module": one,
            "files": len(own),
            "lines": sum(1 for name in own for line in files[name].splitlines() if line.strip()),
            "source_files": len(seen),
            "see_validation": sum(any(path.removeprefix("src/") in VALIDATION for path in paths) for paths in seen),
            "see_wallet": sum(any(module(path) == "wallet" for path in paths) for paths in seen),
            "see_gui": sum(any(module(path) == "gui" for path in paths) for paths in seen),
        }


def derive(core: Repository) -> Iterator[dict[str, object]]:
    """One row a year and module; the year of the commit that is read ends with it."""
    last = int(core.date[:4])
    for year in range(FIRST_YEAR, last + 1):
        before = [] if year == last else [f"--before={year + 1}-01-01T00:00:00Z"]
        log = core.git("log", "-1", "--first-parent", *before, "--format=%H %cs", core.commit).decode().split()
        if not log:
            continue
        for row in rows(sources(core, log[0])):
            yield {"year": year, "as_of": log[1], "commit": log[0], **row, "source": SOURCE}


if __name__ == "__main__":
    main("core_modules", ["bitcoin_core"], FIELDS, derive)
