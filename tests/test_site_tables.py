"""The tables lie beside the pages, under the address that the notebooks use."""

from pathlib import Path
from types import SimpleNamespace

from moip import data
from moip.site import tables


def test_the_site_has_every_table_its_descriptor_and_nothing_older(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "gone.csv").write_text("a\n1\n")
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    tables._copy(app, None)
    found = {path.name for path in (tmp_path / "data").iterdir()}
    assert found == {"datapackage.json", *(data.resource(name)["path"] for name in data.tables())}
    assert (tmp_path / "data" / "layers.csv").read_bytes() == (data.folder() / "layers.csv").read_bytes()


def test_a_failed_build_copies_nothing(tmp_path: Path) -> None:
    app = SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=tmp_path)
    tables._copy(app, ValueError("no"))
    assert not (tmp_path / "data").exists()
