"""What a project declares public of a workflow: in its settings, or in a file beside the export."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.declaration import Declaration, declaration_digest, declaration_of
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.project import Project, find_project
from flowbind_generator.toml import parse, quoted

SOURCE = "workflows/poster.json"
BESIDE = "workflows/poster.flowbind.toml"
INPUTS = '[inputs]\nprompt = "6.text"\nsize = ["5.width", "5.height"]\n'
BOTH = INPUTS + '[outputs]\ncover = "9"\n'


def project(folder: Path, *, settings: str = "", beside: str | bytes | None = None) -> Project:
    """Return a project with settings in its `pyproject.toml`, and a file beside the export."""
    (folder / "workflows").mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    if beside is not None:
        data = beside if isinstance(beside, bytes) else beside.encode()
        (folder / BESIDE).write_bytes(data)
    return find_project(folder)


def in_settings(name: str, tables: str) -> str:
    """Return settings that declare, by name, what a file beside the export would."""
    return tables.replace("[", f'[tool.flowbind.declarations."{name}".', 1).replace(
        "\n[outputs]", f'\n[tool.flowbind.declarations."{name}".outputs]'
    )


def declared(found: Project, codes: tuple[str, ...] = ()) -> Declaration | None:
    """Return what is declared of the export; `codes` are those of what is found."""
    report = Report(SOURCE)
    declaration = declaration_of(found, SOURCE, report)
    assert tuple(d.code for d in report) == codes
    return declaration


def test_nothing_is_declared(tmp_path: Path) -> None:
    found = project(tmp_path, settings=in_settings("cover.json", BOTH))
    assert declared(found) is None
    assert declaration_digest(found, SOURCE) is None


@pytest.mark.parametrize("name", ["poster.json", "workflows/poster.json"])
def test_in_the_settings(tmp_path: Path, name: str) -> None:
    found = declared(project(tmp_path, settings=in_settings(name, BOTH)))
    assert found == Declaration(
        {"prompt": ("6.text",), "size": ("5.width", "5.height")},
        {"cover": "9"},
        f'[tool.flowbind.declarations."{name}"]',
    )
    assert list(found.inputs) == ["prompt", "size"]


@pytest.mark.parametrize("beside", [BOTH, b"\xef\xbb\xbf" + BOTH.replace("\n", "\r\n").encode()])
def test_in_a_file_beside_the_export(tmp_path: Path, beside: str | bytes) -> None:
    found = declared(project(tmp_path, beside=beside))
    assert found == Declaration({"prompt": ("6.text",), "size": ("5.width", "5.height")}, {"cover": "9"}, BESIDE)


def test_outputs_alone_and_inputs_alone(tmp_path: Path) -> None:
    assert declared(project(tmp_path, beside=INPUTS + "[outputs]\n")) == Declaration(
        {"prompt": ("6.text",), "size": ("5.width", "5.height")}, None, BESIDE
    )
    assert declared(project(tmp_path, beside='outputs.cover = "9"')) == Declaration({}, {"cover": "9"}, BESIDE)


def test_two_places_are_one_too_many(tmp_path: Path) -> None:
    declared(project(tmp_path, settings=in_settings("poster.json", BOTH), beside=BOTH), ("FB213",))
    (tmp_path / BESIDE).unlink()
    twice = in_settings("poster.json", BOTH) + in_settings(SOURCE, BOTH)
    declared(project(tmp_path, settings=twice), ("FB213",))


WRONG = [
    'inputs = "6.text"',
    "[inputs]\nprompt = 3",
    '[inputs]\nprompt = ""',
    '[inputs]\nprompt = "6"',
    '[inputs]\nprompt = "6."',
    '[inputs]\nprompt = ".text"',
    "[inputs]\nprompt = []",
    '[inputs]\nprompt = ["6.text", 3]',
    '[inputs]\nprompt = ["6.text", []]',
    '[inputs]\nprompt.node = "6.text"',
    '[inputs]\n"my prompt" = "6.text"',
    '[inputs]\nPrompt = "6.text"',
    '[inputs]\n_prompt = "6.text"',
    '[inputs]\nprompt_ = "6.text"',
    '[inputs]\n"" = "6.text"',
    '[outputs]\ncover = ["9"]',
    "[outputs]\ncover = 9",
    '[outputs]\n"9" = "9"',
    '[input]\nprompt = "6.text"',
]


@pytest.mark.parametrize("tables", WRONG)
def test_what_is_misshapen_is_told(tmp_path: Path, tables: str) -> None:
    found = declared(project(tmp_path, beside=tables), ("FB214",))
    assert found == Declaration({}, None, BESIDE)


def test_names_that_python_needs(tmp_path: Path) -> None:
    found = declared(project(tmp_path, beside='[inputs]\nclass = "6.a"\nint_ = "6.b"\nrun = "6.c"\n"größe" = "6.d"\n'))
    assert found
    assert list(found.inputs) == ["class", "int_", "run", "größe"]


def test_misshapen_settings_stop_the_command(tmp_path: Path) -> None:
    for table in (
        "[tool.flowbind]\ndeclarations = 3",
        '[tool.flowbind.declarations]\n"a.json" = 3',
        '[tool.flowbind.declarations."a.json".inputs]\nprompt = 3',
    ):
        with pytest.raises(Refused) as refused:
            project(tmp_path, settings=table)
        assert [d.code for d in refused.value.report] == ["FB504"]


@pytest.mark.parametrize("data", [b"inputs = ", b"\xff", b"a = " + b"[" * 5000, b"#" * (1 << 20) + b"\n"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, data: bytes) -> None:
    found = project(tmp_path, beside=data)
    assert declared(found, ("FB214",)) is None
    assert declaration_digest(found, SOURCE) is not None


def test_a_folder_of_that_name_is_told(tmp_path: Path) -> None:
    found = project(tmp_path)
    (tmp_path / BESIDE).mkdir()
    assert declared(found, ("FB214",)) is None


def test_the_digest_changes_with_what_is_declared(tmp_path: Path) -> None:
    changed = BOTH.replace("9", "8")
    ordered = '[inputs]\nsize = ["5.width", "5.height"]\nprompt = "6.text"\n[outputs]\ncover = "9"\n'
    settings = [in_settings("poster.json", text) for text in (BOTH, changed, ordered, INPUTS)]
    digests = {declaration_digest(project(tmp_path, settings=text), SOURCE) for text in settings}
    digests |= {declaration_digest(project(tmp_path, beside=text), SOURCE) for text in (BOTH, changed, b"\xff")}
    assert len(digests) == 7
    assert None not in digests


def test_comments_in_the_settings_do_not_change_the_digest(tmp_path: Path) -> None:
    text = in_settings("poster.json", BOTH)
    first = declaration_digest(project(tmp_path, settings=text), SOURCE)
    assert declaration_digest(project(tmp_path, settings=text + "# more\n"), SOURCE) == first


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    assert tomllib.loads(f"a = {quoted(text)} # end") == {"a": text}
    assert quoted(text).isprintable()


def test_half_a_letter_is_replaced() -> None:
    assert parse(f"a = {quoted('x' + chr(0xD800))}".encode()) == {"a": "x\ufffd"}
