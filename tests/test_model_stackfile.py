"""Stacks from files: what is read, what is refused and why, what is said, and the exit codes of the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from moip.cli import main
from moip.model import Stack, stackfile
from moip.model.report import evaluate
from moip.model.stackfile import StackFile, StackFileError, parse, read
from moip.notebooks import root

EXAMPLES = sorted((root() / "book" / "patterns" / "stacks").glob("*.*"))
MEMBERS = "members: [bitcoin, p2wpkh, mnemonic, full-node, bitcoin-transfer, coin-selection, bip21, sparrow]"
NAMES = ("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow")


def test_a_list_of_members_is_enough() -> None:
    told = parse(MEMBERS)
    assert told == StackFile(tuple((name, None) for name in NAMES))
    assert told.stack() == Stack.of(*NAMES)


def test_members_in_their_places() -> None:
    told = parse("members:\n  1: [bitcoin, p2wpkh]\n  L2: bitcoin-transfer\n  request: bip21\n  device:\nname: ' x '")
    assert told.members == (("bitcoin", 1), ("p2wpkh", 1), ("bitcoin-transfer", 2), ("bip21", "request"))
    assert told.name == "x"
    assert told.stack().names == ("bitcoin", "p2wpkh", "bitcoin-transfer", "bip21")


def test_json_and_yaml_say_the_same() -> None:
    told = {"members": list(NAMES), "amount_sat": 5, "fee_rate_sat_vb": 2.5, "observer": "ledger", "name": "x"}
    assert parse(json.dumps(told, indent=1), "json") == parse(json.dumps(told)) == StackFile(
        tuple((name, None) for name in NAMES), "x", 5.0, 2.5, "ledger"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "The file is empty"),
        ("# nothing\n", "The file is empty"),
        ("- bitcoin", "holds a list, not keys and values"),
        ("bitcoin", "holds a text .'bitcoin'., not keys and values"),
        ("name: x", "members is missing"),
        ("name: x\nmembers:", "line 2: The key members is missing, or empty"),
        ("members: []", "line 1: members is an empty list"),
        ("members: bitcoin", r"line 1: members is one text. Write a list: members: \[bitcoin\]"),
        ("members: 5", r"members is a number \(5\), not a list of names"),
        ("members: [bitcoin, 5]", r"line 1: member 2 is a number \(5\), not a name"),
        ("members: [no]", r"member 1 is yes or no \(false\), not a name. Quote it"),
        ("members: [bitcoin, [lightning]]", "member 2 is a list, not a name"),
        ("members: {lock: {a: b}}", "a member of 'lock' is a set of keys and values"),
        ("members: {rails: lightning}", "no slot or layer 'rails'. Did you mean rail?"),
        ("members: {6: lightning}", "no slot or layer 6. There are the slots ledger, .* and the layers 1 to 5"),
        ("members: !!int x", "This is no YAML"),
        ("members: {yes: lightning}", "no slot or layer True"),
        ("member: [bitcoin]", "line 1: There is no key 'member'. Did you mean members?"),
        (f"{MEMBERS}\n3: x", "line 2: There is no key 3. There are: name, members"),
        (f"{MEMBERS}\namount_sat: ten", r"line 2: amount_sat is a text \('ten'\), not a number"),
        (f"{MEMBERS}\namount_sat: true", "amount_sat is yes or no"),
        (f"{MEMBERS}\namount_sat: -1", "amount_sat is -1; it must not be negative"),
        (f"{MEMBERS}\nfee_rate_sat_vb: .inf", "fee_rate_sat_vb is inf; it must not be negative or without end"),
        (f"{MEMBERS}\nfee_rate_sat_vb: [1]", "fee_rate_sat_vb is a list, not a number"),
        (f"{MEMBERS}\nobserver: [ledger]", "line 2: observer is a list; it can be ledger or operators"),
        (f"{MEMBERS}\namount_sat: 50,000", "line 2: .* not a number. Write digits alone, such as amount_sat: 50000"),
        (f"{MEMBERS}\namount_sat: 1{'0' * 400}", "line 2: amount_sat is more than all bitcoin"),
        (f"{MEMBERS}\nfee_rate_sat_vb: .nan", "fee_rate_sat_vb is nan; it must not be negative"),
        ("members: {}", "line 1: members holds no name. Write: members:"),
        ("members: {rail: }", "line 1: members holds no name"),
        (
            "members:\n- bitcoin\n- rail: lightning",
            "member 2 is a set of keys .* List names alone, or put them all in places",
        ),
        (f"{MEMBERS}\nname: [x]", "line 2: name is a list, not a text"),
        (f"{MEMBERS}\nobserver: miner", r"line 2: observer is a text \('miner'\); it can be ledger or operators"),
        (f"{MEMBERS}\nname: x\nname: y", "line 3: The key 'name' is given twice"),
        ("members:\n  lock: p2wpkh\n  lock: p2pkh", "line 3: The key 'lock' is given twice"),
        ("members: [bitcoin\nname: x", "line 2: This is no YAML: "),
        ("members:\n\t- bitcoin", "line 2: This is no YAML: "),
        (
            "members: [bitcoin]\n---\nmembers: [bitcoin]",
            "line 2: This is no YAML: expected a single .*, but found another document",
        ),
        ("members: !!python/object:os.system [x]", "line 1: The tag .*os.system has no use here"),
        ("members: &a [bitcoin]\nname: *a", r"line 2: An alias \(\*\) has no use here"),
        ("? [a]\n: b", "line 1: A key must be a word or a number"),
        ("members: \x00", "This is no YAML"),
        ("[" * 5000, "line 1: This is nested too deeply"),
    ],
)
def test_what_is_no_stack_is_refused(content: str, message: str) -> None:
    with pytest.raises(StackFileError, match=message):
        parse(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (" ", "The file is empty"),
        ("[]", "holds a list"),
        ('{"members": ["bitcoin"],\n "name" 1}', "line 2: This is no JSON: Expecting ':' delimiter"),
        ('{"members": ["bitcoin"], "members": []}', "The key 'members' is given twice"),
        ('{"members": {"lock": "p2wpkh", "lock": "p2pkh"}}', "The key 'lock' is given twice"),
        ("[" * 100_000, "nested too deeply"),
        ('{"members": ["bitcoin"], "amount_sat": NaN}', "amount_sat is nan"),
    ],
)
def test_json_that_is_no_stack_is_refused(content: str, message: str) -> None:
    with pytest.raises(StackFileError, match=message):
        parse(content, "json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("members: [bitcoin, lightnin]", "There is no technology 'lightnin'. Did you mean lightning"),
        ("members: [bitcoin, drivechain-bip300]", "There is no technology|is in the register"),
        ("members: [bitcoin, bitcoin]", "'bitcoin' is given twice"),
        ("members: {lock: lightning}", "'lightning' stands in the slot 'rail', not in 'lock'"),
        ("members: {3: lightning}", "'lightning' stands at layer 2, not at layer 3"),
    ],
)
def test_members_that_do_not_belong_are_refused(content: str, message: str) -> None:
    with pytest.raises(StackFileError, match=message):
        parse(content).stack()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(MEMBERS, encoding="utf-8")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "bad.json").write_text("{", encoding="utf-8")
    for name, message in {
        "mine.yml": r"There is no file .*mine\.yml\. Did you mean .*mine\.yaml\?",
        "elsewhere/x.yaml": r"There is no file .*x\.yaml\.$",
        ".": "is a folder, not a file",
        "bytes.yaml": "is no text in UTF-8",
        "bad.json": r"bad\.json: line 1: This is no JSON",
    }.items():
        with pytest.raises(StackFileError, match=message):
            read(tmp_path / name)
    assert read(tmp_path / "mine.yaml").stack().names == Stack.of(*NAMES).names
    (tmp_path / "marked.json").write_text('{"members": ["bitcoin"]}', encoding="utf-8-sig")
    assert read(tmp_path / "marked.json").members == (("bitcoin", None),)


def test_examples_are_stacks_but_for_the_one_that_says_so() -> None:
    assert len(EXAMPLES) >= 4
    for path in EXAMPLES:
        told = read(path)
        assert told.name
        assert evaluate(told.stack()).well_formed is not path.stem.startswith("not-yet"), path.name


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_command(path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    code = 1 if path.stem.startswith("not-yet") else 0
    assert main(["stack", str(path)]) == code
    said = capsys.readouterr().out
    assert said.startswith(read(path).name)
    assert all(len(line) <= 80 for line in said.splitlines())
    assert ("Unmet needs" in said) == bool(code)
    assert main(["stack", str(path), "--json"]) == code
    told = json.loads(capsys.readouterr().out)
    assert told["well_formed"] is not bool(code)
    assert len(told["requirements"]) == len(evaluate(read(path).stack()).requirements)


def test_the_command_on_what_is_no_stack(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.yaml").write_text("members: [bitcon]", encoding="utf-8")
    assert main(["stack", str(tmp_path / "x.yaml")]) == 2
    shown = capsys.readouterr()
    assert not shown.out
    assert "x.yaml: There is no technology 'bitcon'. Did you mean bitcoin" in shown.err


def test_the_command_on_several_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.yaml").write_text("members: [bitcon]", encoding="utf-8")
    files = [str(path) for path in EXAMPLES]
    assert main(["stack", *files]) == 1
    said = capsys.readouterr().out
    assert all(read(path).name in said for path in EXAMPLES)
    assert main(["stack", "--json", *files, str(tmp_path / "x.yaml")]) == 2
    shown = capsys.readouterr()
    assert [row["file"] for row in json.loads(shown.out)] == files
    assert shown.err.count("\n") == 1


def test_two_members_in_a_slot_are_named() -> None:
    told = parse("members: [bitcoin, lightning, lnd]")
    report = evaluate(told.stack())
    assert told.crowded() == {"rail": ["lightning", "lnd"]} == stackfile.plain(told, report)["crowded_slots"]
    assert "More than one member stands in a slot: rail (lightning, lnd)" in stackfile.text(told, report)
    assert not parse(MEMBERS).crowded()


def test_values_for_a_machine() -> None:
    told = StackFile(
        (("bitcoin", None), ("fedimint", None), ("webln", None), ("alby-extension", None)), amount_sat=1000
    )
    report = evaluate(told.stack())
    plain = stackfile.plain(told, report)
    values = {row["property"]: row["value"] for row in plain["properties"]}
    assert values["exit_weight"] == "no-exit"
    assert values["fixed_fee"] == "unknown"
    assert values["largest_payment"] == "none"
    assert values["theft_quorum"] == report.values["theft_quorum"]
    assert values["failure_domains"] == sorted(report.values["failure_domains"])
    assert plain["exit_cost_sat"] == "no-exit"
    assert plain["payment"] == {"amount_sat": 1000, "known_cost_sat": 0.0, "unknown": ["fedimint"]}
    assert json.loads(json.dumps(plain)) == plain


@pytest.mark.parametrize(("observer", "left_out"), [("ledger", "_left_operator"), ("operators", "_left_chain")])
def test_an_observer_is_shown_alone(observer: str, left_out: str) -> None:
    told = parse(f"{MEMBERS}\nobserver: {observer}")
    keys = [row["property"] for row in stackfile.plain(told, evaluate(told.stack()))["properties"]]
    assert not [key for key in keys if key.endswith(left_out)]
    assert len([key for key in keys if "_left_" in key]) == 3


def test_all_statements_on_demand() -> None:
    told = parse(MEMBERS)
    report = evaluate(told.stack())
    for statement in report.requirements["statement"]:
        assert statement.split()[0] in stackfile.text(told, report, everything=True)
    assert len(stackfile.text(told, report, everything=True)) > len(stackfile.text(told, report))
    assert all(len(line) <= 60 for line in stackfile.text(told, report, 20).splitlines())
