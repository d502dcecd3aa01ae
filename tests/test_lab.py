"""The proof that chapters run where Binder runs them: what it refuses, which Python it takes, how it starts JupyterLab."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from moip import lab
from moip.notebooks import root


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text, encoding="utf-8")
    path.chmod(0o755)
    return path


def test_a_chapter_that_is_not_there(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "browser", lambda: "chromium")
    assert lab.prove(["book/start/why-not"]) == 2
    assert "no chapter book/start/why-not; there are book/index, book/start/why-layers" in capsys.readouterr().out


def test_no_browser(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab, "browser", lambda: None)
    assert lab.prove() == 1
    assert "no Chromium or Chrome found" in capsys.readouterr().out


def test_the_python_that_binder_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runtime.txt").write_text("python-3.99\n", encoding="utf-8")
    assert lab.python(tmp_path) == sys.executable
    assert "Python 3.99 (runtime.txt) is not on this machine" in capsys.readouterr().out
    named = script(tmp_path / "bin" / "python3.99", "exit 0")
    monkeypatch.setenv("PATH", str(named.parent), prepend=":")
    assert lab.python(tmp_path) == str(named)
    script(named, "exit 127")  # a shim that finds nothing behind it
    assert lab.python(tmp_path) == sys.executable


def test_the_runtime_is_one_that_the_book_supports() -> None:
    assert (root() / "runtime.txt").read_text(encoding="utf-8").strip() in ("python-3.11", "python-3.12", "python-3.13")


def test_jupyterlab_starts_or_says_why_not(tmp_path: Path) -> None:
    script(
        tmp_path / "env" / "bin" / "jupyter", "echo 'Jupyter Server is at: http://127.0.0.1:4321/lab'; exec sleep 60"
    )
    with lab._server(tmp_path / "env", tmp_path) as address:
        assert address == "http://127.0.0.1:4321/"
    script(tmp_path / "env" / "bin" / "jupyter", "echo 'no module named jupyterlab'; exit 1")
    with (
        pytest.raises(lab.LabError, match=r"did not start:\nno module named jupyterlab"),
        lab._server(tmp_path / "env", tmp_path),
    ):
        pass


@pytest.mark.parametrize(
    ("drawn", "errors", "well"), [(4, (), True), (3, (), False), (4, ("NameError: name 'x' is not defined",), False)]
)
def test_what_counts_as_well(
    drawn: int, errors: tuple[str, ...], well: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = lab.Run("book/index", 4, drawn, errors, 12.3)
    assert run.well is well
    monkeypatch.setattr(lab, "browser", lambda: "chromium")
    monkeypatch.setattr(lab, "_prove", lambda *_: [run])
    assert lab.prove(["book/index"]) == (0 if well else 1)
    said = capsys.readouterr().out
    assert f"book/index: {drawn} of 4 figures drew, {len(errors)} errors, 12 s" in said
    assert all(error in said for error in errors)
