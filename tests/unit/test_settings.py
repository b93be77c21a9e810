"""`--set` for the lists of batches: JSON, and a message with the cure for anything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from flowbind.errors import InputError
from flowbind_generator.cli import main
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Module
from flowbind_generator.live_module import class_of

from .batch_exports import batch, batched, generator, widths
from .command import parse_settings
from .exports import FILE, form, node, resolved, write

PROMPTS = {"type": "string_generator_dynamic_prompts_random", "input": "{a|b}", "count": 2}
BOARD = {"type": "image_generator_images_from_board", "board_id": "x", "category": "images"}


@pytest.fixture(scope="module")
def module(catalog: Catalog) -> Module:
    """A workflow with a list of each kind; prompts and photos come from generators in the form."""
    document = batched(
        batch("i", "integer", [1], label="Integers"),
        batch("f", "float", [0.5]),
        batch("t", "string", ["x"]),
        batch("u", "string"),
        generator("g", PROMPTS),
        batch("m", "image", [{"image_name": "m.png"}]),
        batch("q", "image"),
        generator("h", BOARD),
        node("a", "float_math"),
        node("b", "string", {"value": ""}),
        node("c", "img_resize"),
        node("d", "img_resize"),
        edges=[
            "i.value>p.width",
            "f.value>a.a",
            "t.value>s.value",
            "g.strings>u.strings",
            "u.value>b.value",
            "m.image>c.image",
            "h.images>q.images",
            "q.image>d.image",
        ],
        form=form("g.generator", "h.generator"),
    )
    for key, label in (("g", "Prompts"), ("h", "Photos")):
        (found,) = (n for n in document["nodes"] if n["id"] == key)
        found["data"]["inputs"]["generator"]["label"] = label
    return resolved(document, catalog)[0]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("integers=[1, 2]", [1, 2]),
        ("integers= [3] ", [3]),
        ("floats=[1, 0.5]", [1.0, 0.5]),
        ('strings=["a, b", "c"]', ["a, b", "c"]),
        ('prompts=["a", "b"]', ["a", "b"]),
        ('images=["none-of-mine.png"]', ["none-of-mine.png"]),
        ('images=[{"image_name": "a.png"}]', ["a.png"]),
        ('photos=["a.png"]', ["a.png"]),
        ('photos=[{"image_name": "a.png"}, "b.png"]', ["a.png", "b.png"]),
    ],
)
def test_lists_are_json(module: Module, setting: str, value: list[Any]) -> None:
    attribute = setting.partition("=")[0]
    instance = class_of(module)(**parse_settings(module, class_of(module), [setting]))
    assert getattr(instance, attribute) == value
    assert [type(v) for v in getattr(instance, attribute)] == [type(v) for v in value]


@pytest.mark.parametrize("attribute", ["images", "photos"])
def test_files_in_lists_are_paths(module: Module, attribute: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"x")
    assert parse_settings(module, class_of(module), [f'{attribute}=["{path.as_posix()}", "b.png"]']) == {
        attribute: [path, "b.png"]
    }


@pytest.mark.parametrize(
    ("setting", "cure"),
    [
        ("integers=1,2", "--set 'integers=[1, 2]'"),
        ("integers=7", "--set 'integers=[7]'"),
        ("integers=one, two", """--set 'integers=["one, two"]'"""),
        ("floats=0.5, 1e3", "--set 'floats=[0.5, 1000.0]'"),
        ("strings=a fox", """--set 'strings=["a fox"]'"""),
        ("strings=7", """--set 'strings=["7"]'"""),
        ('strings="a", "b"', """--set 'strings=["a", "b"]'"""),
        ("prompts=a {red|blue} fox", """--set 'prompts=["a {red|blue} fox"]'"""),
        ("images=a.png", """--set 'images=["a.png"]'"""),
        ("photos=a.png", """--set 'photos=["a.png"]'"""),
        ("strings=it's", """--set 'strings=["it'"'"'s"]'"""),
    ],
)
def test_what_is_no_list_is_told_how_to_write_one(module: Module, setting: str, cure: str) -> None:
    attribute = setting.partition("=")[0]
    with pytest.raises(InputError) as caught:
        parse_settings(module, class_of(module), [setting])
    assert str(caught.value).startswith(f'{attribute} ("')
    assert f"takes a list: write {cure}." in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(module: Module) -> None:
    with pytest.raises(InputError) as caught:
        parse_settings(module, class_of(module), ["integers=1", "floats=2"])
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize("setting", ["integers=[", "strings=[a]"])
def test_a_list_that_is_no_json_is_told_so(module: Module, setting: str) -> None:
    with pytest.raises(InputError, match="takes a list in JSON"):
        parse_settings(module, class_of(module), [setting])


@pytest.mark.parametrize(
    ("setting", "said"), [("integers=[1.5]", "1.5"), ("integers=[]", "at least 1 item"), ('floats=["x"]', "'x'")]
)
def test_items_are_the_classs_to_check(module: Module, setting: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        class_of(module)(**parse_settings(module, class_of(module), [setting]))


def test_the_command_takes_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, widths([8], group="None"))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["payload", FILE, "--set", "integers=[16, 24]"])
    assert done.exit_code == 0, done.output
    (inner,) = json.loads(done.stdout)["batch"]["data"]
    assert inner == [{"node_path": "p", "field_name": "width", "items": [16, 24]}]
    done = CliRunner().invoke(main, ["payload", FILE, "--set", "integers=16,24"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "write --set 'integers=[16, 24]'." in done.stderr
