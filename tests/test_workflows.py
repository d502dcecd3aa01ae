"""The workflows of the repository: pinned, with the least rights, safe for pull requests from forks, editable by none."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"))
USES = re.compile(r"uses: (\S+)( # v\d+\.\d+\.\d+)?$", re.M)


def load(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(workflow: dict[Any, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def rights(workflow: dict[Any, Any]) -> list[dict[str, str]]:
    return [workflow["permissions"], *(job.get("permissions", {}) for job in workflow["jobs"].values())]


def test_there_are_workflows() -> None:
    assert {path.stem for path in WORKFLOWS} == {"test", "preview", "deploy", "links", "binder"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
class TestWorkflow:
    def test_actions_are_pinned_by_commit_with_their_version(self, path: Path) -> None:
        for action, version in USES.findall(path.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40}", action), f"{action} is not pinned by commit"
            assert version, f"{action} does not say which version that is"

    def test_rights_are_the_least(self, path: Path) -> None:
        workflow = load(path)
        wanted = {
            "test": set(),
            "preview": {"pull-requests"},
            "deploy": {"pages", "id-token"},
            "links": {"issues"},
            "binder": set(),
        }[path.stem]
        writes = {name for right in rights(workflow) for name, kind in right.items() if kind == "write"}
        assert writes == wanted
        assert "write" not in workflow["permissions"].values(), "a right to write belongs to the job that needs it"

    def test_every_job_ends(self, path: Path) -> None:
        assert all(job.get("timeout-minutes", 0) <= 60 for job in load(path)["jobs"].values())
        assert all("timeout-minutes" in job for job in load(path)["jobs"].values())

    def test_no_word_of_others_reaches_a_shell(self, path: Path) -> None:
        for step in steps(load(path)):
            assert "${{" not in step.get("run", ""), "pass it by env: a title or branch name could be a command"

    def test_a_pull_request_gets_no_secret(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8")
        assert "pull_request_target" not in text and "secrets." not in text

    def test_checkout_keeps_no_token(self, path: Path) -> None:
        for step in steps(load(path)):
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False

    def test_nothing_names_one_repository(self, path: Path) -> None:
        text = USES.sub("", path.read_text(encoding="utf-8"))
        assert not re.search(r"github\.com/|github\.io", text), "a fork would have to edit it"


def test_what_may_write_to_pull_requests_runs_nothing_of_theirs() -> None:
    used = [step.get("uses", "") for step in steps(load(ROOT / ".github/workflows/preview.yml"))]
    assert not any(used), "no checkout and no artifact of a pull request beside a right to write"


def test_make_targets_that_workflows_call_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    for path in WORKFLOWS:
        for step in steps(load(path)):
            for line in re.findall(r"\bmake (?:-C \S+ )?([a-z ]+)$", step.get("run", ""), re.M):
                assert set(line.split()) <= targets, f"{path.name}: make {line}"


@pytest.mark.parametrize("path", [p for p in FORMS if p.stem != "config"], ids=lambda p: p.stem)
def test_issue_forms_ask_for_what_is_needed(path: Path) -> None:
    form = load(path)
    assert form["name"] and form["description"] and form["labels"]
    fields = [item for item in form["body"] if item["type"] != "markdown"]
    assert len({item["id"] for item in fields}) == len(fields)
    assert any(item.get("validations", {}).get("required") for item in fields)
    for item in fields:
        assert item["type"] in {"input", "textarea", "dropdown", "checkboxes"} and item["attributes"]["label"]


def test_issue_forms_cover_what_contributing_promises() -> None:
    assert {p.stem for p in FORMS} == {"essay", "technology", "fact", "dissent", "config"}


def test_dependency_updates_are_proposed() -> None:
    updates = load(ROOT / ".github" / "dependabot.yml")["updates"]
    assert {u["package-ecosystem"] for u in updates} == {"pip", "github-actions"}


def test_chapters_are_proved_with_the_python_that_binder_takes() -> None:
    steps_ = steps(load(ROOT / ".github/workflows/binder.yml"))
    python = next(step["with"]["python-version"] for step in steps_ if "python-version" in step.get("with", {}))
    assert (ROOT / "runtime.txt").read_text(encoding="utf-8").strip() == f"python-{python}"
