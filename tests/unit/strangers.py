"""Random exports such as strangers might save: any nodes of the catalog, any wires, any form, any values."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from flowbind_generator.invokeai.engine import shipped_catalog
from flowbind_generator.invokeai.node_types import BATCH_NODES, GENERATOR_NODES, InputField

from .exports import box, connector, edge, element, form_of, given, node, notes, shown, workflow

CATALOG = shipped_catalog()
TYPES = sorted(set(CATALOG) - {*BATCH_NODES, *GENERATOR_NODES, "core_metadata", "workflow_return"})
# What is wired often, so that random wires have a chance to fit.
LIKELY = ["integer", "add", "string", "float", "blank_image", "collect", "iterate", "if", "range", "img_scale", "l2i"]
MODEL = {"key": "k", "hash": "h", "name": "n", "base": "sd-1", "type": "main"}
LABELS = st.sampled_from(
    ["", "", "Width", "width", " Width ", "class", "copy", "🎨", "❤️", "提示", '"""', "{{ x }}", "\\"]
)
PLAIN: list[Any] = [None, True, 0, -1, 5.0, 2.5, 2**53 + 1, "", "x", "euler", "auto", "none"]
LISTS: list[Any] = [[], [1], ["a"], [True], [1, "a"], [{"image_name": "a.png"}], [{"lora": MODEL, "weight": 1}]]
OBJECTS: list[Any] = [
    {},
    {"r": 1},
    {"r": 1.0, "g": 2, "b": 3, "a": 4},
    {"image_name": "a.png"},
    {"board_id": "b"},
    {"model_name": "old", "base_model": "sd-1"},
    MODEL,
    MODEL | {"base": "no"},
]
JUNK = st.sampled_from([*PLAIN, *LISTS, *OBJECTS])
VERSIONS = st.sampled_from([None, None, None, "1.0.0", "1.99.0", "2.0.0", "0.1.0"])


def value_of(field: InputField) -> st.SearchStrategy[Any]:
    """Return values of an input: mostly those that its type takes."""
    fitting = [JUNK, JUNK]
    if field.choices:
        fitting += [st.sampled_from(field.choices)] * 2
    match field.type.name:
        case "IntegerField":
            fitting += [st.integers(-(2**60), 2**60), st.integers(0, 100).map(lambda n: n * 8)]
        case "FloatField":
            fitting += [st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 9)]
        case "StringField":
            fitting += [st.text(st.characters(codec="utf-8"), max_size=6)] * 2
    return st.one_of(fitting)


@st.composite
def nodes(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Draw nodes that run, connectors and notes."""
    made: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(LIKELY) | st.sampled_from(TYPES))
        node_type = CATALOG.get(kind)
        assert node_type
        names = draw(st.lists(st.sampled_from([*node_type.inputs, "removed"]), unique=True, max_size=5))
        fields = {name: node_type.inputs.get(name) for name in names}
        inputs = {
            name: given(*draw(st.lists(value_of(field) if field else JUNK, max_size=1)), label=draw(LABELS))
            for name, field in fields.items()
        }
        visible, label, version = draw(st.booleans()), draw(LABELS), draw(VERSIONS)
        made.append(node(f"n{number}", kind, inputs, label=label, version=version, visible=visible))
    made += [connector(f"c{number}") for number in range(draw(st.integers(0, 3)))]
    return made + [notes("sheet")] * draw(st.integers(0, 1))


def ends(made: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the outputs and inputs of a node as wires name them, with some that it has not."""
    if made["type"] != "invocation":
        return [f"{made['id']}.out"], [f"{made['id']}.in"]
    node_type = CATALOG.get(made["data"]["type"])
    assert node_type
    outputs, inputs = [*node_type.outputs, "gone"], [*node_type.inputs, *made["data"]["inputs"]]
    return [f"{made['id']}.{name}" for name in outputs], [f"{made['id']}.{name}" for name in inputs]


@st.composite
def forms(draw: st.DrawFn, fields: list[str]) -> Any:
    """Draw a form: a tree, of which some elements are lost, repeated or elsewhere than they say."""
    where = draw(st.lists(st.sampled_from([*fields, "gone.x"]), max_size=8))
    boxes = ["root", *(f"box{n}" for n in range(draw(st.integers(0, 2))))]
    children: dict[str, list[str]] = {name: [] for name in boxes}
    elements: list[dict[str, Any]] = []
    for number, field in enumerate(where):
        parent = draw(st.sampled_from(boxes))
        children[parent].append(f"e{number}")
        elements.append(shown(f"e{number}", field, parent=parent))
    for name in boxes[1:]:
        parent = draw(st.sampled_from(boxes))
        children[parent].append(name)
        elements.append(box(name, parent, *children[name]))
    root = children["root"]
    for harm in draw(st.lists(st.sampled_from(["orphan", "missing", "twice", "elsewhere", "loop"]), max_size=2)):
        match harm:
            case "orphan":
                elements.append(element("lost", "root", "divider"))
            case "missing":
                root.insert(0, "nothing")
            case "twice":
                root += root[:1]
            case "elsewhere" if elements:
                elements[0] = {**elements[0], "parentId": "box9"}
            case "loop":
                root.append("root")
    for made in elements:
        if made["id"] in children:
            made["data"]["children"] = children[made["id"]]
    return form_of(box("root", None, *root), *elements)


@st.composite
def strangers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a whole export of format 3.0.0 or 4.0.0."""
    made = draw(nodes())
    outputs, inputs = zip(*map(ends, made), strict=True)
    starts = [*(end for found in outputs for end in found), "gone.x"]
    stops = [*(end for found in inputs for end in found), "gone.x"]
    pairs = draw(st.lists(st.tuples(st.sampled_from(starts), st.sampled_from(stops)), max_size=8))
    fields = [f"{n['id']}.{name}" for n in made for name in n["data"].get("inputs", {})] or ["gone.x"]
    broken: Any = draw(st.sampled_from([None, {}, [], {"elements": {}, "rootElementId": "root"}]))
    return workflow(
        *made,
        edges=[edge(*pair) for pair in pairs],
        form=draw(forms(fields) | st.just(broken)),
        exposed=draw(st.lists(st.sampled_from([*fields, "gone.x"]), max_size=4)),
        version=draw(st.sampled_from(["3.0.0", "4.0.0"])),
    )


@st.composite
def old_strangers(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a whole export of format 1.0.0 or 2.0.0, whose inputs say their types."""
    document = draw(strangers())
    version = draw(st.sampled_from(["1.0.0", "2.0.0"]))
    document["meta"]["version"] = version
    document["nodes"] = [n for n in document["nodes"] if n["type"] != "connector"]
    for made in document["nodes"]:
        node_type = CATALOG.get(made["data"]["type"])
        for name, entry in made["data"].get("inputs", {}).items():
            field = node_type.inputs.get(name) if node_type else None
            word = field.type.name if field else "StringField"
            typed = word if version == "1.0.0" else {"name": word, "isCollection": False, "isCollectionOrScalar": False}
            entry |= {"id": f"{made['id']}-{name}", "fieldKind": "input", "type": typed}
    return document
