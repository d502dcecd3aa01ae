"""``python -m moip``: the commands behind the Makefile."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m moip", description="Build, execute, check and extend the book.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the site from a clean tree, warnings being errors")
    build.add_argument("--incremental", action="store_true", help="keep what an earlier build left")
    execute = commands.add_parser("execute", help="execute notebooks in place and normalize them")
    execute.add_argument("notebooks", nargs="*", type=Path, help="default: the ones that changed")
    execute.add_argument("--all", action="store_true", help="every chapter")
    check = commands.add_parser("check", help="check data, notebooks or the built pages")
    check.add_argument("what", nargs="+", choices=["data", "notebooks", "pages"])
    essay = commands.add_parser("essay", help="start a new essay from the template")
    essay.add_argument("title")
    essay.add_argument("--part", default="Essays", help="the part of the book it belongs to (default: Essays)")
    bench = commands.add_parser("bench", help="measure builds, notebooks and pages")
    bench.add_argument("parts", nargs="*", help="build growth notebooks pages lighthouse routes stacks (default: all)")
    stack = commands.add_parser(
        "stack",
        help="say what a stack is like, from a YAML or JSON file",
        description="Unmet needs, properties and requirements of a stack (see book/patterns/stacks). "
        "Exit code: 0 well formed, 1 not well formed, 2 a file is no stack; the highest of several.",
        epilog="Names of members: the first column of data/catalog.csv.",
    )
    stack.add_argument("files", nargs="+", type=Path, metavar="file", help="such as book/patterns/stacks/*.yaml")
    stack.add_argument("--json", action="store_true", help="for a machine: an object, or a list for several files")
    stack.add_argument("--all", action="store_true", help="the statements of all requirements")
    preview = commands.add_parser("preview", help="which pages differ between two built sites, as Markdown")
    preview.add_argument("old", type=Path)
    preview.add_argument("new", type=Path)
    binder = commands.add_parser("binder", help="run chapters in a fresh environment, in JupyterLab, in a browser")
    binder.add_argument("chapters", nargs="*", help="such as book/start/why-layers (default: all)")
    commands.add_parser("offline", help="pack the built site as one archive that reads without a server")
    commands.add_parser("pdf", help="print the built site as one PDF")
    commands.add_parser("test", help="run every check of the book")
    commands.add_parser("serve", help="build, serve, and build again on change")
    arguments = parser.parse_args(argv)
    return globals()[f"_{arguments.command}"](arguments)


def _build(arguments: argparse.Namespace) -> int:
    from .build import build

    return build(clean=not arguments.incremental)


def _execute(arguments: argparse.Namespace) -> int:
    from . import notebooks

    base = notebooks.root()
    named = [path.resolve() for path in arguments.notebooks]
    if missing := [path for path in named if not path.exists()]:
        print(f"no such notebook: {missing[0]}")
        return 2
    paths = named or (notebooks.chapters(base) if arguments.all else notebooks.stale(base))
    if not paths:
        print("nothing changed; name a notebook, or use --all")
        return 0
    return 1 if notebooks.execute(paths) else 0


def _check(arguments: argparse.Namespace) -> int:
    from . import checks

    return max([checks.run(what) for what in arguments.what])


def _essay(arguments: argparse.Namespace) -> int:
    from .template import new_essay

    return new_essay(arguments.title, arguments.part)


def _bench(arguments: argparse.Namespace) -> int:
    from .bench import bench

    return bench(arguments.parts)


def _stack(arguments: argparse.Namespace) -> int:
    import json
    import shutil
    import sys

    from .model import stackfile
    from .model.report import evaluate

    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    result, said, many = 0, [], len(arguments.files) > 1
    for path in arguments.files:
        try:
            told = stackfile.read(path)
            try:
                report = evaluate(told.stack())
            except stackfile.StackFileError as error:
                raise stackfile.StackFileError(f"{path}: {error}") from None
        except stackfile.StackFileError as error:
            print(error, file=sys.stderr)
            result = 2
            continue
        result = max(result, 0 if report.well_formed else 1)
        if arguments.json:
            said.append({"file": str(path)} | stackfile.plain(told, report) if many else stackfile.plain(told, report))
        else:
            said.append(stackfile.text(told, report, width, everything=arguments.all))
    if not arguments.json:
        print(f"\n{'=' * width}\n\n".join(said), end="")
    elif said or many:
        print(json.dumps(said if many else said[0], indent=2, ensure_ascii=False))
    return result


def _preview(arguments: argparse.Namespace) -> int:
    from .preview import compare, report

    try:
        print(report(compare(arguments.old, arguments.new)), end="")
    except FileNotFoundError as error:
        print(error)
        return 2
    return 0


def _binder(arguments: argparse.Namespace) -> int:
    from .lab import prove

    return prove(arguments.chapters)


def _offline(arguments: argparse.Namespace) -> int:
    from .offline import make

    return make()


def _pdf(arguments: argparse.Namespace) -> int:
    from .pdf import make

    return make()


def _serve(arguments: argparse.Namespace) -> int:
    from .build import serve

    return serve()


def _test(arguments: argparse.Namespace) -> int:
    from .testing import test

    return test()
