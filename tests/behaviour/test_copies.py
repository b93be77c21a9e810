"""`flowbind.save`: an export that posts what a changed instance posts, or a reason why there is none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from tests.unit.batch_exports import batch, batched, generator, widths
from tests.unit.exports import as_bytes, edge, form, given, node, picture, workflow
from tests.unit.projects import enter_empty, run

import flowbind
from flowbind.errors import InputError, InvalidPath
from flowbind.invokeai import RANDOM, LoRA, ModelRef
from flowbind.invokeai.runs.preview import preview
from flowbind_generator.invokeai.structure import problems

MODEL = ModelRef(key="k", hash="blake3:1", name="Dreamer", base="sd-1", type="main")
BOARD = "0b6d3c2e-8c62-4f37-9a3c-0d0b2a1e1f11"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working directory."""
    return enter_empty(tmp_path, monkeypatch)


def loaded(document: Mapping[str, Any], **values: Any) -> Any:
    """Return an instance of an export with some values."""
    path = Path("workflows/own.json")
    path.write_bytes(as_bytes(document))
    return flowbind.load(path)(**values)


def saved(instance: Any, name: str = "copy") -> Any:
    """Return a default instance of an instance's copy."""
    return flowbind.load(flowbind.save(instance, f"workflows/{name}.json"))()


def posted(instance: Any) -> Any:
    """Return the graph and the items that an instance posts."""
    found = json.loads(preview(instance, draws=False)[0])["batch"]
    return found["graph"], found.get("data")


def written(name: str = "copy") -> Any:
    """Return what is in the file of a copy."""
    return json.loads(Path(f"workflows/{name}.json").read_text(encoding="utf-8"))


def entry(document: Any, node_id: str, name: str) -> Any:
    """Return what a file says of an input."""
    (inputs,) = (n["data"]["inputs"] for n in document["nodes"] if n["id"] == node_id)
    return inputs[name]


def refusal(instance: Any) -> str:
    """Return why there is no copy of an instance; nothing is written then."""
    with pytest.raises(InputError) as caught:
        flowbind.save(instance, "workflows/refused.json")
    assert not Path("workflows/refused.json").exists()
    return str(caught.value)


PICTURE = workflow(
    node("p", "blank_image", {"width": given(64, label="Width"), "mode": "RGB", "board": given(label="Where to")}),
    node("s", "save_image", {}, visible=True),
    edges=[edge("p.image", "s.image")],
    form=form("p.width", "p.board"),
    name="Dot",
    id="of-the-library",
)


@pytest.mark.usefixtures("project")
def test_a_copy_posts_what_the_instance_posts() -> None:
    instance = loaded(PICTURE, width=128)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert copy.width == 128


@pytest.mark.usefixtures("project")
def test_the_path_is_returned_and_folders_are_made() -> None:
    path = flowbind.save(loaded(PICTURE), "workflows/by/day/copy.json")
    assert path == Path("workflows/by/day/copy.json")
    assert [p.name for p in path.parent.iterdir()] == ["copy.json"]


@pytest.mark.usefixtures("project")
def test_a_copy_is_a_workflow_of_its_own_in_the_editor_s_format() -> None:
    flowbind.save(loaded(PICTURE, width=128), "workflows/copy.json")
    document = written()
    assert "id" not in document
    assert document["name"] == "Dot"
    assert document["meta"] == {"category": "user", "version": "4.0.0"}
    assert list(problems(document, "4.0.0")) == []


def test_a_copy_is_generated_with_the_same_inputs(project: Path) -> None:
    flowbind.save(loaded(PICTURE, width=128, where_to=BOARD), "workflows/copy.json")
    run(project, "generate")
    run(project, "check")
    entries = json.loads((project / "generated/manifest.json").read_text())["workflows"]
    first, second = (entries[f"workflows/{name}.json"]["inputs"] for name in ("own", "copy"))
    assert [i["attribute"] for i in first] == [i["attribute"] for i in second] == ["width", "where_to"]


@pytest.mark.usefixtures("project")
def test_an_export_can_be_replaced_by_its_copy() -> None:
    flowbind.save(loaded(PICTURE, width=128), "workflows/own.json")
    assert flowbind.load("workflows/own.json")().width == 128


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("word", ["auto", "none"])
def test_where_there_is_no_board_the_editor_s_word_stays(word: str) -> None:
    instance = loaded(PICTURE, where_to=word)
    assert posted(saved(instance)) == posted(instance)
    assert entry(written(), "p", "board")["value"] == word


@pytest.mark.usefixtures("project")
def test_a_board_is_named_by_its_id() -> None:
    instance = loaded(PICTURE, where_to=BOARD)
    assert posted(saved(instance)) == posted(instance)
    assert refusal(loaded(PICTURE, where_to="Posters")) == (
        "Own.where_to (\"Where to\") is 'Posters': a file names a board by its id. "
        "Give `server.boards.by_name(...).board_id`."
    )


@pytest.mark.usefixtures("project")
def test_a_value_is_left_out() -> None:
    instance = loaded(PICTURE, width=128, where_to=None)
    assert posted(saved(instance)) == posted(instance)
    assert "value" not in entry(written(), "p", "board")


@pytest.mark.usefixtures("project")
def test_random_is_drawn_now() -> None:
    document = workflow(
        node("n", "noise", {"seed": given(1, label="Seed"), "width": 64, "height": 64}),
        form=form(("n.seed", {"type": "integer-field-config", "component": "number-input", "showShuffle": True})),
    )
    instance = loaded(document, seed=RANDOM)
    copy = saved(instance)
    assert isinstance(copy.seed, int)
    assert instance.seed is RANDOM
    assert entry(written(), "n", "seed")["value"] == copy.seed


LOADER = node("m", "main_model_loader", {"model": given(label="Model")})


@pytest.mark.usefixtures("project")
def test_an_installed_model_is_written() -> None:
    instance = loaded(workflow(LOADER, form=form("m.model")), model=MODEL)
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert entry(written(), "m", "model")["value"] == MODEL.known()


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("model", ["Dreamer", ModelRef("Dreamer", base="sd-1", type="main")])
def test_a_model_that_only_a_server_finds_is_refused(model: Any) -> None:
    said = refusal(loaded(workflow(LOADER, form=form("m.model")), model=model))
    assert said.startswith('Own.model ("Model") is ')
    assert said.endswith("Give what `server.models.find` returns for it.")


@pytest.mark.usefixtures("project")
def test_a_lora_alone_becomes_a_list_of_one() -> None:
    document = workflow(node("l", "lora_collection_loader", {"loras": given([], label="LoRAs")}), form=form("l.loras"))
    lora = LoRA(ModelRef(key="k", hash="blake3:1", name="Ink", base="sd-1", type="lora"), 0.5)
    instance = loaded(document, loras=lora)
    saved(instance)
    assert entry(written(), "l", "loras")["value"] == [{"lora": lora.model.known(), "weight": 0.5}]
    assert "Give what `server.models.find` returns" in refusal(loaded(document, loras=[LoRA("Ink", 0.5)]))


SCALED = workflow(
    node("i", "img_scale", {"image": given(label="Picture"), "scale_factor": given(2.0, label="Scale")}),
    form=form("i.image", "i.scale_factor"),
)


@pytest.mark.usefixtures("project")
def test_a_local_file_is_refused_and_a_name_is_not() -> None:
    instance = loaded(SCALED, picture="there.png")
    assert posted(saved(instance)) == posted(instance)
    for content in (Path("here.png"), b"PNG"):
        assert refusal(loaded(SCALED, picture=content)) == (
            f'Own.picture ("Picture") is {content!r}: no file holds that. Upload it first, and give what '
            "`server.images.upload` returns."
        )


@pytest.mark.usefixtures("project")
def test_all_refusals_are_told_at_once() -> None:
    document = workflow(*SCALED["nodes"], LOADER, form=form("i.image", "m.model"))
    said = refusal(loaded(document, picture=b"PNG", model="Dreamer"))
    assert len(said.splitlines()) == 2


@pytest.mark.usefixtures("project")
def test_an_input_that_the_file_does_not_list_is_added() -> None:
    instance = loaded(workflow(node("i", "img_scale", {"scale_factor": 2.0})), image="there.png")
    assert posted(saved(instance)) == posted(instance)
    value = {"image_name": "there.png"}
    assert entry(written(), "i", "image") == {"name": "image", "label": "", "description": "", "value": value}


@pytest.mark.usefixtures("project")
def test_the_items_of_a_batch_are_written() -> None:
    instance = loaded(widths([64, 128]), integers=[8, 16, 24])
    assert posted(saved(instance)) == posted(instance)
    assert entry(written(), "b", "integers")["value"] == [8, 16, 24]


SPLIT = {"type": "integer_generator_parse_string", "input": "1,2", "splitOn": ","}


@pytest.mark.usefixtures("project")
def test_a_list_takes_the_place_of_the_generator_that_feeds_the_batch() -> None:
    document = batched(
        generator("g", SPLIT), batch("b", "integer", group="None"), edges=["g.integers>b.integers", "b.value>p.width"]
    )
    instance = loaded(document, integers=[8, 16])
    assert posted(saved(instance)) == posted(instance)
    assert [e["target"] for e in written()["edges"]] == ["p"]
    # Without a list the generator stays.
    saved(loaded(document))
    assert [e["target"] for e in written()["edges"]] == ["b", "p"]


TEXTS = {"type": "string_generator_parse_string", "input": "foo,bar", "splitOn": ","}


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    ("kind", "target", "told", "items"),
    [
        ("integer", "p.width", SPLIT, [8, -16]),
        ("string", "s.value", TEXTS, ["one", "two, three"]),
        ("string", "s.value", TEXTS, ["a\nline", "another"]),
    ],
)
def test_a_generator_that_stands_in_the_form_gets_the_items(kind: str, target: str, told: Any, items: Any) -> None:
    document = batched(
        generator("g", told),
        batch("b", kind, group="None"),
        edges=[f"g.{kind}s>b.{kind}s", f"b.value>{target}"],
        form=form("g.generator"),
    )
    instance = loaded(document)
    (name,) = type(instance).model_fields
    instance = type(instance)(**{name: items})
    copy = saved(instance)
    assert posted(copy) == posted(instance)
    assert list(type(copy).model_fields) == [name]
    assert entry(written(), "g", "generator")["value"]["type"] == f"{kind}_generator_parse_string"


@pytest.mark.usefixtures("project")
def test_items_that_no_generator_gives_are_refused() -> None:
    document = batched(
        generator("g", TEXTS),
        batch("b", "string", group="None"),
        edges=["g.strings>b.strings", "b.value>s.value"],
        form=form("g.generator"),
    )
    (name,) = type(loaded(document)).model_fields
    said = refusal(loaded(document, **{name: ["", "x"]}))
    assert said.startswith(f"Own.{name} ")
    assert "which the workflow's file cannot hold" in said


@pytest.mark.usefixtures("project")
def test_generators_of_chance_stay_what_they_are() -> None:
    chance = {"type": "integer_generator_random_distribution_uniform", "min": 0, "max": 9, "count": 3}
    document = batched(
        generator("g", chance), batch("b", "integer", group="None"), edges=["g.integers>b.integers", "b.value>p.width"]
    )
    instance = loaded(document)
    assert posted(saved(instance)) == posted(instance)


@pytest.mark.usefixtures("project")
def test_a_class_that_no_longer_fits_its_export_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = loaded(PICTURE)
    # As if the server's document had changed: the copy is read with another width.
    monkeypatch.setattr(
        "flowbind_generator.invokeai.copying.copy", lambda _: {**PICTURE, "nodes": PICTURE["nodes"][:1]}
    )
    said = refusal(instance)
    assert said.startswith("Own: read back, the copy would post something else: s.")
    assert said.endswith(
        "Run `flowbind generate`, or load the export again: it or the server's document has changed since."
    )


@pytest.mark.usefixtures("project")
def test_a_mutated_list_is_checked_again() -> None:
    instance = loaded(widths([64, 128]))
    instance.integers.append("wide")
    assert "Own.integers" in refusal(instance)


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize(
    "path", ["copy", "copy.png", "copy.json/", "a\0b.json", "folder.json", "workflows/openapi.json"]
)
def test_a_path_that_is_none_of_a_copy_is_refused(path: str) -> None:
    Path("folder.json").mkdir()
    instance = loaded(PICTURE)
    with pytest.raises(InvalidPath):
        flowbind.save(instance, path)
    assert sorted(p.name for p in Path().iterdir()) == ["folder.json", "pyproject.toml", "workflows"]
    assert [p.name for p in Path("workflows").iterdir()] == ["own.json"]


@pytest.mark.usefixtures("project")
def test_only_instances_are_saved() -> None:
    for wrong in (type(loaded(PICTURE)), "poster", None):
        with pytest.raises(TypeError, match="This is "):
            flowbind.save(wrong, "copy.json")


@pytest.mark.usefixtures("project")
def test_a_copy_that_cannot_be_written_leaves_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    flowbind.save(loaded(PICTURE, width=128), "workflows/copy.json")
    before = Path("workflows/copy.json").read_bytes()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        flowbind.save(flowbind.load("workflows/own.json")(width=256), "workflows/copy.json")
    assert Path("workflows/copy.json").read_bytes() == before
    assert sorted(p.name for p in Path("workflows").iterdir()) == ["copy.json", "own.json"]


def test_texts_of_all_languages_stay_readable(project: Path) -> None:
    document = workflow(
        node("t", "string", {"value": given("x", label="Text")}), picture(width=64), form=form("t.value")
    )
    saved(loaded(document, text="灯笼 \u2028 🏮"))
    assert "灯笼" in (project / "workflows/copy.json").read_text(encoding="utf-8")
    assert flowbind.load("workflows/copy.json")().text == "灯笼 \u2028 🏮"


def test_a_generated_class_is_saved_too(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "workflows/dot.json").write_bytes(as_bytes(PICTURE))
    run(project, "generate")
    (project / "generated").rename(project / "made_of_dots")
    monkeypatch.syspath_prepend(str(project))
    kind = import_module("made_of_dots.dot").Dot
    assert flowbind.load(flowbind.save(kind(width=32), "fast.json"))().width == 32
