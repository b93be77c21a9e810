"""`flowbind inspect --all` and `--declare`: what can be chosen, and the file that a person goes on from."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from flowbind.saved_nodes import Literal, SavedNode
from flowbind_generator.choosable import Choosable, Ending
from flowbind_generator.cli import main
from flowbind_generator.commands import inspect as command
from flowbind_generator.declaration import Declaration, declaration_of
from flowbind_generator.declaring import declaration_text
from flowbind_generator.diagnostics import Report
from flowbind_generator.inspection_of_all import as_text
from flowbind_generator.ir import Input, Module, Output
from flowbind_generator.names import snake_case
from flowbind_generator.project import find_project


def nodes_of(*literals: Literal) -> tuple[SavedNode, ...]:
    """Return a node for each literal."""
    return tuple(SavedNode(one.address, one.title, "A", {one.address: one}, {}) for one in literals)


FOUND = Choosable(
    nodes_of(
        Literal("3.seed", "INT", 5, "KSampler", (("3", "seed"),)),
        Literal("3.steps", "INT", 20, "KSampler", (("3", "steps"),)),
        Literal("6.text", "STRING", "a cat", "Positive", (("6", "text"),)),
        Literal("7.text", "STRING", "", "Negative", (("7", "text"),)),
        Literal("57.size", "INT", 512, "Poster", (("57:1", "width"), ("57:1", "height"))),
        Literal("8.model.tokens", "INT", 9, "Partner", (("8", "model.tokens"),)),
    ),
    (Ending("9", "image", "Save Image", "9"), Ending("10", "text", "Preview", "11")),
)
ROOT = Path(__file__).resolve().parents[2]
SOURCE = "workflows/poster.json"
BESIDE = "workflows/poster.flowbind.toml"


def public(
    attribute: str, node_id: str, name: str, also: tuple[tuple[str, str], ...] = (), kind: str = "value"
) -> Input:
    """Return a public input at a place of the prompt."""
    return Input(
        attribute=attribute, index=0, label=name, node_id=node_id, node_type="A", field_name=name, field_type="INT",
        cardinality="single", kind=kind, annotation="int", required=False, default=None, default_code=None, doc="",
        json_pointer="", jsonpath="$", also=also,
    )  # fmt: skip


def module_of(*inputs: Input, outputs: dict[str, str] | None = None) -> Module:
    """Return a module with some inputs, and outputs by attribute."""
    shown = tuple(
        Output(name, node_id, "SaveImage", "images", "image", True, "list[Image]", "")
        for name, node_id in (outputs or {}).items()
    )
    return cast(Module, SimpleNamespace(source=SOURCE, inputs=inputs, outputs=shown))


MODULE = module_of(
    public("size", "57:1", "width", also=(("57:1", "height"),)),
    public("prompt", "6", "text"),
    outputs={"cover": "9"},
)
TEXT = """\
# What is public of workflows/poster.json: as long as this file is there, nothing else is.
# Each line is an attribute, and where its value goes; take out the # to have one, rename it as you like.

[inputs]
size = "57.size"  # INT, now 512, of Poster
prompt = "6.text"  # STRING, now "a cat", of Positive
# seed = "3.seed"  # INT, now 5, of KSampler
# steps = "3.steps"  # INT, now 20, of KSampler
# text = "7.text"  # STRING, now "", of Negative
# tokens = "8.model.tokens"  # INT, now 9, of Partner

[outputs]
cover = "9"  # image, of Save Image
# text = "10"  # text, of Preview
"""


def uncommented(text: str) -> str:
    """Return a written file with all that it offers taken."""
    return re.sub(r"^# (.* = )", r"\1", text, flags=re.MULTILINE)


def test_the_file() -> None:
    assert declaration_text(MODULE, FOUND) == TEXT


def test_all_can_be_taken() -> None:
    tables = tomllib.loads(uncommented(TEXT))
    assert {*tables["inputs"].values(), *tables["outputs"].values()} == {
        one.address for one in (*FOUND.literals, *FOUND.endings)
    }


def test_an_input_of_several_literals() -> None:
    text = declaration_text(module_of(public("text", "6", "text", also=(("7", "text"), ("99", "x")))), FOUND)
    assert 'text = ["6.text", "7.text", "99.x"]  # STRING' in text
    assert "# text" not in text.partition("[outputs]")[0]


def test_a_value_that_goes_to_more_places_is_not_meant() -> None:
    text = declaration_text(module_of(public("width", "57:1", "width")), FOUND)
    assert 'width = "57:1.width"\n' in text
    assert '# size = "57.size"' in text


def test_what_is_fed_is_not_declared() -> None:
    text = declaration_text(module_of(public("steps", "3", "steps", kind="fed")), FOUND)
    assert '\n# steps = "3.steps"' in text


def test_names_that_python_needs_are_written_without_their_underscore() -> None:
    text = declaration_text(module_of(public("lambda_", "3", "seed"), public("größe", "3", "steps")), FOUND)
    assert '\nlambda = "3.seed"' in text
    assert '\n"größe" = "3.steps"' in text
    both = declaration_text(module_of(public("run_", "3", "seed"), public("run", "3", "steps")), FOUND)
    assert '\nrun_ = "3.seed"' in both


TEXTS = st.text(max_size=30)


@given(
    st.lists(
        st.builds(Literal, TEXTS, TEXTS, st.none() | TEXTS, TEXTS, st.just((("2", "a"),))),
        max_size=6,
        unique_by=lambda one: one.address,
    ),
    st.lists(st.builds(Ending, TEXTS, TEXTS, TEXTS, TEXTS), max_size=3, unique_by=lambda one: one.address),
)
def test_no_text_of_an_export_breaks_out(literals: list[Literal], endings: list[Ending]) -> None:
    found = Choosable(nodes_of(*literals), endings)
    text = declaration_text(module_of(public("a", "1", "a")), found)
    assert tomllib.loads(text) == {"inputs": {"a": "1.a"}, "outputs": {}}
    all_taken = tomllib.loads(uncommented(text))
    assert all(name in (snake_case(name), snake_case(name) + "_") for table in all_taken.values() for name in table)
    assert {len(all_taken["inputs"]) - 1, len(all_taken["outputs"])} == {len(literals), len(endings)}
    as_text(found, None)


def project(folder: Path, settings: str = "") -> Path:
    """Return a folder that is a project with one export."""
    (folder / "workflows").mkdir()
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    (folder / SOURCE).write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def inspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what runs the command in a project whose export is the one above."""

    def run(*options: str, settings: str = "", module: Module | None = MODULE) -> Result:
        if not (tmp_path / "workflows").is_dir():
            project(tmp_path, settings)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(command, "_choosable", lambda *_, **__: FOUND)
        monkeypatch.setattr(command, "build", lambda *_, **__: (module, []))
        return CliRunner().invoke(main, ["inspect", "poster", *options])

    return run


def test_a_table_of_all(inspect: Any) -> None:
    result = inspect("--all")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "input           type    value    attribute  node",
        "3.seed          INT     5                   KSampler",
        "3.steps         INT     20                  KSampler",
        '6.text          STRING  "a cat"  prompt     Positive',
        '7.text          STRING  ""                  Negative',
        "57.size         INT     512      size       Poster",
        "8.model.tokens  INT     9                   Partner",
        "",
        "output  kind   attribute  node",
        "9       image  cover      Save Image",
        "10      text              Preview",
    ]


def test_json_of_all(inspect: Any) -> None:
    told = json.loads(inspect("--all", "--format", "json").stdout)
    assert told["workflow"] == SOURCE
    assert told["literals"][2] == {
        "address": "6.text",
        "type": "STRING",
        "value": "a cat",
        "node_title": "Positive",
        "attribute": "prompt",
    }
    assert told["outputs"][1] == {"address": "10", "kind": "text", "node_title": "Preview", "attribute": None}
    assert told["diagnostics"] == []


def test_a_refused_export_can_be_looked_at(inspect: Any) -> None:
    result = inspect("--all", module=None)
    assert result.exit_code == 1
    assert "3.seed" in result.stdout


def test_the_file_is_written_once(inspect: Any, tmp_path: Path) -> None:
    result = inspect("--declare")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"{BESIDE}: written, with 2 inputs and 1 output." in result.stderr
    assert "`flowbind generate`" in result.stderr
    assert (tmp_path / BESIDE).read_text("utf-8") == TEXT
    found = declaration_of(find_project(tmp_path), SOURCE, Report(SOURCE))
    assert found == Declaration({"size": ("57.size",), "prompt": ("6.text",)}, {"cover": "9"}, BESIDE)
    (tmp_path / BESIDE).write_text("# mine\n", encoding="utf-8")
    again = inspect("--declare", "--all")
    assert again.exit_code == 2
    assert "FB502" in again.stderr
    assert (tmp_path / BESIDE).read_text("utf-8") == "# mine\n"


def test_a_refused_export_is_not_declared(inspect: Any, tmp_path: Path) -> None:
    assert inspect("--declare", module=None).exit_code == 1
    assert not (tmp_path / BESIDE).exists()


def test_what_the_settings_declare_is_not_declared_again(inspect: Any, tmp_path: Path) -> None:
    settings = '[tool.flowbind.declarations."poster.json".inputs]\nseed = "3.seed"\n'
    result = inspect("--declare", settings=settings)
    assert result.exit_code == 2
    assert "FB213" in result.stderr
    assert not (tmp_path / BESIDE).exists()


def test_an_export_with_a_form_has_nothing_to_declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["inspect", "poster", "--declare"])
    assert result.exit_code == 2
    assert "InvokeAI's editor" in result.stderr


def test_all_literals_of_an_export_with_a_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path)
    shutil.copyfile(ROOT / "workflows" / "poster.json", tmp_path / SOURCE)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["inspect", "poster", "--all"])
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0] == ["input", "type", "value", "attribute", "node"]
    assert ["878f56da-2db2-471d-8223-cb19b8a114bc.mode", "EnumField", '"RGB"'] in [line[:3] for line in lines]
