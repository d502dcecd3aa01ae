"""What the guide for contributors shows would pass."""

import csv

import pytest

from moip import data
from moip.notebooks import root

EXAMPLES = [
    line.strip() for line in (root() / "CONTRIBUTING.md").read_text().splitlines() if line.startswith("    my-rail,")
]


@pytest.mark.parametrize(("line", "table"), [*zip(EXAMPLES, ("technologies", "technology_spans"), strict=True)])
def test_the_example_rows_have_the_fields_and_values_of_their_tables(line: str, table: str) -> None:
    fields = data.resource(table)["schema"]["fields"]
    row = dict(zip([f["name"] for f in fields], next(csv.reader([line])), strict=True))
    for field in fields:
        allowed = [str(one) for one in field.get("constraints", {}).get("enum", [])]
        assert not allowed or row[field["name"]] in allowed, f"{field['name']}: {row[field['name']]}"
