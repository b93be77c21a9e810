"""A saved file becomes the prompt that the editor would post: each rule by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.comfyui.drawing import CATALOG, Json, node, node_class, subgraph, workflow

from flowbind_generator.comfyui.catalog import Catalog
from flowbind_generator.comfyui.convert import convert
from flowbind_generator.comfyui.prompt import Place, Prompt, Widget
from flowbind_generator.diagnostics import Report

IMAGE = "IMAGE"


def _converted(document: Json, *codes: str, **more: Any) -> Prompt:
    report = Report("made up")
    prompt = convert(document, CATALOG, report, **more)
    assert prompt is not None, [str(d) for d in report]
    assert tuple(d.code for d in report) == codes, [str(d) for d in report]
    return prompt


def _inputs(document: Json, known: str, *codes: str, **more: Any) -> Json:
    return dict(_converted(document, *codes, **more).nodes[known].inputs)


def _refused(document: Json) -> list[str]:
    report = Report("made up")
    assert convert(document, CATALOG, report) is None
    return [f"{d.code} {d.message}" for d in report]


def _widget(prompt: Prompt, path: str, name: str) -> Widget:
    return next(widget for widget in prompt.widgets if (widget.path, widget.name) == (path, name))


SAVED = [7, "randomize", 30, 4.5, "heun"]


def test_values_by_position_with_what_the_editor_does_after_a_run() -> None:
    prompt = _converted(workflow(node(1, "Sampler", SAVED)))
    assert prompt.nodes["1"].inputs == {"seed": 7, "steps": 30, "cfg": 4.5, "name": "heun"}
    seed = _widget(prompt, "1", "seed")
    assert (seed.control, seed.keys, seed.targets) == (
        "randomize",
        ("nodes", 0, "widgets_values", 0),
        (Place("1", "seed"),),
    )


def test_what_is_said_of_nodes_and_of_the_whole() -> None:
    linear = {"inputs": [["1", "text"]], "outputs": []}
    saved = node(1, "SaveImage", ["x"], title="Save Image")
    document = workflow(saved, node(2, "Text", ["y"], title="Wish"), node(3, "Reroute"), extra={"linearData": linear})
    prompt = _converted(document, root=("embedded",))
    assert [(n.path, n.type, n.title, n.prompt_id) for n in prompt.editor_nodes] == [
        ("1", "SaveImage", "", "1"),
        ("2", "Text", "Wish", "2"),
        ("3", "Reroute", "", None),
    ]
    assert (prompt.linear, prompt.root) == (linear, ("embedded",))
    assert _widget(prompt, "2", "text").keys == ("embedded", "nodes", 1, "widgets_values", 0)
    assert prompt.posted["2"] == {"class_type": "Text", "inputs": {"text": "y"}, "_meta": {"title": "Wish"}}
    assert prompt.posted["1"]["_meta"] == {"title": "Save Image"}


def test_fewer_values_than_controls_leave_defaults() -> None:
    prompt = _converted(workflow(node(1, "Sampler", [7])))
    assert prompt.nodes["1"].inputs == {"seed": 7, "steps": 20, "cfg": 8.0, "name": "euler"}
    assert _widget(prompt, "1", "cfg").keys is None


def test_names_where_there_are_no_positions() -> None:
    named = {"steps": 3, "name": "heun"}
    expected = {"seed": 0, "steps": 3, "cfg": 8.0, "name": "heun"}
    assert _inputs(workflow(node(1, "Sampler", named)), "1") == expected
    only_names = workflow(node(1, "Sampler", widgets_values_named=named))
    assert _inputs(only_names, "1", "FB310", by_name=True) == expected
    assert _inputs(only_names, "1", "FB310") == {"seed": 0, "steps": 20, "cfg": 8.0, "name": "euler"}


def test_names_win_only_where_that_is_wanted() -> None:
    saved = node(1, "Sampler", [7, "fixed", 4.5, "heun"])
    saved["widgets_values_named"] = {"seed": 7, "control_after_generate": "fixed", "cfg": 4.5, "name": "heun"}
    document = workflow(saved)
    assert _inputs(document, "1", "FB310") == {"seed": 7, "steps": 4.5, "cfg": "heun", "name": "euler"}
    by_name = {"seed": 7, "steps": 20, "cfg": 4.5, "name": "heun"}
    assert _inputs(document, "1", "FB310", by_name=True) == by_name


def test_names_win_where_a_control_that_an_instance_shows_is_gone() -> None:
    inner = subgraph(
        "sub",
        node(1, "Sampler", SAVED, {"gone": 1, "steps": 2, "cfg": 3}),
        links=[[1, -10, 0, 1, 0, "INT"], [2, -10, 1, 1, 1, "INT"], [3, -10, 2, 1, 2, "FLOAT"]],
        inputs=["gone", "steps", "cfg"],
    )
    host = node(5, "sub", ["x", 9, 2.5], widgets_values_named={"gone": "x", "steps": 9, "cfg": 2.5})
    report = Report("made up")
    prompt = convert(workflow(host, subgraphs=[inner]), CATALOG, report, by_name=True)
    assert prompt is not None
    assert {"steps": 9, "cfg": 2.5}.items() <= prompt.nodes["5:1"].inputs.items()
    (found,) = report
    assert found.code == "FB310"
    assert "It no longer has 'gone'." in found.message


def test_positions_win_over_names_that_hold_other_values() -> None:
    saved = node(1, "Load", ["b.png", "image"], widgets_values_named={"image": "a.png", "upload": "image"})
    report = Report("made up")
    prompt = convert(workflow(saved), CATALOG, report)
    assert prompt is not None
    assert prompt.nodes["1"].inputs == {"image": "b.png"}
    (found,) = report
    assert (found.code, found.pointer) == ("FB310", "/nodes/0")
    assert "\"image\" is 'b.png' by position, 'a.png' by name" in found.message


def test_values_that_old_editors_kept_for_inputs_without_control() -> None:
    assert _inputs(workflow(node(1, "Forced", ["one", "dummy", "three"])), "1") == {"a": "one", "c": "three"}
    assert _inputs(workflow(node(1, "Forced", ["one", "two"])), "1") == {"a": "one", "c": "two"}


def test_a_choice_brings_inputs_along_and_they_grow() -> None:
    links = [[1, 2, 0, 1, 0, IMAGE], [2, 2, 0, 1, 1, IMAGE], [3, 2, 0, 1, 2, IMAGE]]
    fed = [{"name": f"model.images.image{n}", "type": IMAGE, "link": n + 1} for n in range(3)]
    saved = node(1, "Either", ["large", "a hint", "16", 0.5, False], inputs=fed)
    assert _inputs(workflow(saved, node(2, "Source"), links=links), "1") == {
        "model": "large",
        "model.hint": "a hint",
        "model.depth": "16",
        "model.depth.curve": 0.5,
        "last": False,
        "model.images.image0": ["2", 0],
        "model.images.image1": ["2", 0],
        "model.images.image2": ["2", 0],
    }


def test_a_group_has_as_many_rows_as_were_saved() -> None:
    assert _inputs(workflow(node(1, "Rows", [2, "a", True, "b", False, 9])), "1") == {
        "rows.0.text": "a",
        "rows.0.on": True,
        "rows.1.text": "b",
        "rows.1.on": False,
        "end": 9,
    }
    assert _inputs(workflow(node(1, "Rows")), "1") == {"rows.0.text": "-", "rows.0.on": False, "end": 0}


def test_a_branch_posts_the_names_of_what_is_connected() -> None:
    fed = [{"name": "autogrow.in0", "type": "*", "link": 1, "label": "cat"}, {"name": "autogrow.in1", "link": 2}]
    links = [[1, 2, 0, 1, 0, IMAGE], [2, 2, 0, 1, 1, IMAGE]]
    document = workflow(node(1, "Branch", [[], "cat"], inputs=fed), node(2, "Source"), links=links)
    posted = _inputs(document, "1")
    assert (posted["names"], posted["chosen"]) == ({"__value__": ["cat", "in1"]}, "cat")


def test_a_choice_that_the_server_has_not_takes_its_links_along() -> None:
    links = [[1, 2, 0, 1, 0, IMAGE]]
    fed = [{"name": "model.images.image0", "type": IMAGE, "link": 1}]
    saved = node(1, "Either", ["huge", True], inputs=fed)
    assert _inputs(workflow(saved, node(2, "Source"), links=links), "1", "FB302") == {"model": "huge", "last": True}


def test_links_win_over_values_and_lead_through_reroutes() -> None:
    links = [[1, 2, 0, 3, 0, IMAGE], [2, 3, 0, 4, 0, IMAGE], [3, 4, 0, 1, 0, IMAGE]]
    document = workflow(
        node(1, "SaveImage", ["x"], {"images": 3}),
        node(2, "Source"),
        node(3, "Reroute", inputs=[{"name": "", "type": "*", "link": 1}]),
        node(4, "Reroute", inputs=[{"name": "", "type": "*", "link": 2}]),
        node(5, "Note", ["a note"]),
        node(6, "MarkdownNote", ["a note"]),
        links=links,
    )
    prompt = _converted(document)
    assert prompt.nodes["1"].inputs == {"filename_prefix": "x", "images": ["2", 0]}
    assert set(prompt.nodes) == {"1", "2"}
    assert prompt.by_path["5"].prompt_id is None


def test_a_muted_node_feeds_nothing() -> None:
    links = [[1, 2, 0, 1, 0, IMAGE], [2, 3, 0, 1, 1, "STRING"]]
    document = workflow(
        node(1, "SaveImage", ["x"], {"images": 1, "filename_prefix": 2}),
        node(2, "Source", mode=2),
        node(3, "Text", ["y"], mode=2),
        links=links,
    )
    prompt = _converted(document)
    assert prompt.nodes["1"].inputs == {"filename_prefix": "x"}
    assert _widget(prompt, "3", "text").targets == ()


def test_a_bypassed_node_passes_on_what_fits() -> None:
    links = [[1, 2, 1, 3, 0, "LATENT"], [2, 2, 0, 3, 1, IMAGE], [3, 3, 0, 1, 0, IMAGE]]
    passing = node(
        3,
        "gone",
        mode=4,
        inputs=[{"name": "l", "type": "LATENT", "link": 1}, {"name": "i", "type": "image", "link": 2}],
        outputs=[{"name": "o", "type": IMAGE, "links": [3]}],
    )
    document = workflow(node(1, "SaveImage", ["x"], {"images": 3}), node(2, "Source"), passing, links=links)
    assert _inputs(document, "1")["images"] == ["2", 0]


def test_a_bypassed_node_of_any_type_passes_on_by_what_it_is_connected_with() -> None:
    links = [[1, 2, 0, 3, 0, IMAGE], [2, 3, 0, 1, 0, IMAGE]]
    passing = node(3, "Match", mode=4, inputs=[{"name": "one", "type": "*", "link": 1}])
    document = workflow(node(1, "SaveImage", ["x"], {"images": 2}), node(2, "Source"), passing, links=links)
    assert _inputs(document, "1")["images"] == ["2", 0]


def test_a_primitive_hands_its_value_on() -> None:
    links = [[1, 9, 0, 1, 0, "INT"], [2, 9, 0, 2, 0, "INT"]]
    document = workflow(
        node(9, "PrimitiveNode", [250, "increment"]),
        node(1, "Sampler", SAVED, {"steps": 1}),
        node(2, "Sampler", SAVED, {"steps": 2}),
        links=links,
    )
    prompt = _converted(document)
    # Within the limits of the input, as the editor does.
    assert [prompt.nodes[known].inputs["steps"] for known in "12"] == [100, 100]
    value = _widget(prompt, "9", "value")
    assert value.targets == (Place("1", "steps"), Place("2", "steps"))
    assert (value.value, value.control) == (100, "increment")
    assert _widget(prompt, "1", "steps").targets == ()


def test_a_primitive_hands_whole_numbers_on_as_such() -> None:
    catalog = Catalog({"N": node_class({"width": ["INT", {"min": 16, "max": 4096, "step": 8}]})})
    links = [[1, 9, 0, 1, 0, "INT"]]
    document = workflow(node(9, "PrimitiveNode", [641, "fixed"]), node(1, "N", [0], {"width": 1}), links=links)
    prompt = convert(document, catalog, Report("a.json"))
    assert prompt is not None
    assert json.dumps(prompt.nodes["1"].inputs) == '{"width": 640}'


@pytest.mark.parametrize(
    ("saved", "text"),
    [
        (None, ""),
        (False, "false"),
        (7.0, "7"),
        (0.00001234, "0.00001234"),
        (1.5e-7, "1.5e-7"),
        (1e21, "1e+21"),
        (10**400, ""),
        ([1, None, ["a"]], "1,,a"),
        ({"a": 1}, "[object Object]"),
    ],
)
def test_what_is_no_text_in_a_field_of_text(saved: Any, text: str) -> None:
    assert _inputs(workflow(node(1, "Text", [saved])), "1") == {"text": text}


@pytest.mark.parametrize(
    ("saved", "read"),
    [
        (2**53, 2**53),
        (2**53 + 1, 2**53),
        (2**64 - 1, 18446744073709552000),
        (-9.223372036854776e18, -9223372036854776000),
        (10**22, 1e22),
        (10**400, None),
    ],
)
def test_whole_numbers_that_javascript_has_not(saved: float, read: float | None) -> None:
    assert _inputs(workflow(node(1, "Sampler", [saved])), "1")["seed"] == read
    inner = subgraph("sub", node(1, "Sampler", [0], {"seed": 1}), links=[[1, -10, 0, 1, 1, "INT"]], inputs=["seed"])
    assert _inputs(workflow(node(5, "sub", [saved]), subgraphs=[inner]), "5:1")["seed"] == read


def test_choices_without_a_value_get_the_first() -> None:
    assert _inputs(workflow(node(1, "Either", [None, True])), "1") == {"model": "small", "model.size": 1, "last": True}
    inner = subgraph(
        "sub",
        node(1, "Either", ["large"], {"model": 1}),
        node(2, "Text", ["kept"], {"text": 2}),
        links=[[1, -10, 0, 1, 0, "*"], [2, -10, 1, 2, 0, "STRING"]],
        inputs=["model", "text"],
    )
    prompt = _converted(workflow(node(5, "sub", [None, None]), subgraphs=[inner]))
    assert prompt.nodes["5:1"].inputs["model"] == "small"
    # What an instance shows is no field of text.
    assert prompt.nodes["5:2"].inputs == {"text": None}


def test_values_that_the_editor_corrects() -> None:
    assert _inputs(workflow(node(1, "Sampler", [1, True, 20, 8, None])), "1")["name"] == "euler"
    assert _widget(_converted(workflow(node(1, "Sampler", [1, True, 20]))), "1", "seed").control == "randomize"


def test_controls_of_the_editors_own() -> None:
    assert _inputs(workflow(node(1, "ImageCompare", [])), "1") == {"compare_view": {"__value__": ["", ""]}}
    combo = node(1, "CustomCombo", ["b", 0, "a", "b", ""])
    expected = {"choice": "b", "index": 1, "option1": "a", "option2": "b", "option3": ""}
    assert _inputs(workflow(combo), "1") == expected
    combo["widgets_values"] = [None, 0, "a", "b", ""]
    assert _inputs(workflow(combo), "1") == expected | {"choice": "a", "index": 0}
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    curve = [[0, 0], [1, 1]]
    assert _inputs(workflow(node(1, "Curve", [curve, box, 1, 2, 3, 4, 9])), "1") == {
        "curve": {"__type__": "CURVE", "__value__": curve},
        "box": box,
        "end": 9,
    }


def test_what_the_editor_does_to_texts() -> None:
    def posted(text: str) -> tuple[Any, str | None]:
        prompt = _converted(workflow(node(1, "Text", [text])))
        return prompt.nodes["1"].inputs["text"], _widget(prompt, "1", "text").expands

    assert posted("a /* no */cat // not this") == ("a cat ", None)
    assert posted(r"\{a\|b\}") == ("{a|b}", None)
    assert posted("a {big {cat}}") == ("a big cat", None)
    assert posted("a {big|small} cat") == ("a {big|small} cat", "text")


def test_names_of_files_with_values_and_dates() -> None:
    saved = node(2, "Sampler", SAVED, title="Draw")
    document = workflow(node(1, "SaveImage", ["%date:yyyy%/%Draw.name%_%Nobody.x%"]), saved)
    prompt = _converted(document)
    assert prompt.nodes["1"].inputs["filename_prefix"] == "%date:yyyy%/heun_%Nobody.x%"
    widget = _widget(prompt, "1", "filename_prefix")
    assert (widget.expands, widget.value) == ("pattern", "%date:yyyy%/%Draw.name%_%Nobody.x%")
    assert prompt.kept["1"]["inputs"]["filename_prefix"] == widget.value


def _inner() -> Json:
    return subgraph(
        "sub",
        node(1, "Sampler", SAVED, {"image": 1, "steps": 2}),
        node(2, "Sampler", SAVED, {"image": 3, "steps": 4}),
        links=[
            [1, -10, 0, 1, 0, IMAGE],
            [2, -10, 1, 1, 2, "INT"],
            [3, 1, 0, 2, 0, IMAGE],
            [4, -10, 1, 2, 2, "INT"],
            [5, 2, 0, -20, 0, IMAGE],
        ],
        inputs=["image", "steps"],
        outputs=1,
    )


def test_an_instance_shows_controls_and_its_nodes_get_ids_of_their_own() -> None:
    host = node(5, "sub", [99], {"image": 1})
    host["inputs"].append({"name": "steps", "type": "INT", "link": None, "label": "How long"})
    links = [[1, 1, 0, 5, 0, IMAGE], [2, 5, 0, 4, 0, IMAGE]]
    document = workflow(
        node(1, "Source"), host, node(4, "SaveImage", ["x"], {"images": 2}), links=links, subgraphs=[_inner()]
    )
    prompt = _converted(document)
    # The id 1 is taken by a node of the workflow.
    assert set(prompt.nodes) == {"1", "4", "5:51", "5:2"}
    assert prompt.nodes["5:51"].inputs | {"image": None, "steps": None} == prompt.nodes["5:2"].inputs | {
        "image": None,
        "steps": None,
    }
    assert prompt.nodes["5:51"].inputs["image"] == ["1", 0]
    assert prompt.nodes["5:2"].inputs["image"] == ["5:51", 0]
    assert prompt.nodes["4"].inputs["images"] == ["5:2", 0]
    assert prompt.by_path["5:1"].prompt_id == "5:51"
    steps = _widget(prompt, "5", "steps")
    assert (steps.value, steps.label, steps.promoted) == (99, "How long", True)
    assert steps.targets == (Place("5:51", "steps"), Place("5:2", "steps"))
    assert prompt.nodes["5:2"].inputs["steps"] == 99
    assert _widget(prompt, "5:1", "steps").targets == ()
    assert _widget(prompt, "5:1", "seed").keys == ("definitions", "subgraphs", 0, "nodes", 0, "widgets_values", 0)


def test_only_an_instance_of_the_workflow_itself_mutes_what_is_inside() -> None:
    outer = subgraph("outer", node(7, "sub", [], mode=2), links=[], inputs=[])
    document = workflow(node(6, "outer"), subgraphs=[outer, _inner()])
    assert set(_converted(document).nodes) == {"6:7:1", "6:7:2"}
    document["nodes"][0]["mode"] = 4
    assert set(_converted(document).nodes) == set()


def test_controls_shown_the_older_way() -> None:
    shown = [["1", "seed"], ["2", "seed"], ["-1", "steps"], ["1", "$$preview"]]
    host = node(5, "sub", [11, 22, 33], properties={"proxyWidgets": shown})
    prompt = _converted(workflow(host, subgraphs=[_inner()]))
    assert [prompt.nodes[f"5:{known}"].inputs["seed"] for known in "12"] == [11, 22]
    assert prompt.nodes["5:1"].inputs["steps"] == 33
    assert _widget(prompt, "5", "seed").control == "randomize"
    assert _widget(prompt, "5", "seed_1").targets == (Place("5:2", "seed"),)


def test_each_instance_has_values_of_its_own() -> None:
    hosts = [node(known, "sub", [known], properties={"proxyWidgets": [["1", "seed"]]}) for known in (5, 6)]
    prompt = _converted(workflow(*hosts, subgraphs=[_inner()]))
    assert [prompt.nodes[f"{known}:1"].inputs["seed"] for known in (5, 6)] == [5, 6]


def test_a_primitive_of_a_subgraph_can_be_shown() -> None:
    inner = subgraph(
        "sub",
        node(1, "Sampler", SAVED, {"steps": 2}),
        node(3, "PrimitiveNode", [5, "fixed"], title="Steps"),
        links=[[2, 3, 0, 1, 2, "INT"]],
        inputs=[],
    )
    host = node(5, "sub", [44], properties={"proxyWidgets": [["3", "value"]]})
    prompt = _converted(workflow(host, subgraphs=[inner]))
    assert prompt.nodes["5:1"].inputs["steps"] == 44
    assert _widget(prompt, "5", "Steps").targets == (Place("5:1", "steps"),)


def test_the_format_1() -> None:
    link = {"id": 1, "origin_id": 2, "origin_slot": 0, "target_id": 1, "target_slot": 0, "type": IMAGE}
    document = workflow(node(1, "SaveImage", ["x"], {"images": 1}), node(2, "Source"))
    document |= {"version": 1, "links": [link], "state": {"lastNodeId": 2}}
    assert _inputs(document, "1")["images"] == ["2", 0]


def test_a_class_that_the_server_lacks_is_refused_where_it_would_be_posted() -> None:
    unknown = node(1, "Strange", properties={"cnr_id": "a-pack"})
    (told,) = _refused(workflow(unknown))
    assert told == 'FB301 The server has no node class "Strange" (of the package "a-pack").'
    for mode in (2, 4):
        assert not _converted(workflow(unknown | {"mode": mode})).nodes


def test_a_subgraph_that_contains_itself_is_refused() -> None:
    one = subgraph("one", node(1, "two"), links=[], inputs=[])
    two = subgraph("two", node(2, "one"), links=[], inputs=[])
    assert _refused(workflow(node(5, "one"), subgraphs=[one, two])) == ["FB104 The subgraph contains itself."]


def test_subgraphs_that_double_are_refused() -> None:
    made = [subgraph("s0", node(100, "Source"), links=[], inputs=[])]
    made += [
        subgraph(f"s{n}", node(2 * n, f"s{n - 1}"), node(2 * n + 1, f"s{n - 1}"), links=[], inputs=[])
        for n in range(1, 40)
    ]
    (told,) = _refused(workflow(node(999, "s39"), subgraphs=made))
    assert told.startswith("FB104 The subgraphs come to more nodes")


def test_what_only_a_browser_can_make_is_told() -> None:
    assert _inputs(workflow(node(1, "View")), "1", "FB311") == {"image": ""}
    assert _inputs(workflow(node(1, "View", ["kept.png"])), "1") == {"image": "kept.png"}
    _converted(workflow(node(1, "View", mode=2)))


def test_links_in_a_circle_feed_nothing() -> None:
    links = [[1, 3, 0, 2, 0, IMAGE], [2, 2, 0, 3, 0, IMAGE], [3, 2, 0, 1, 0, IMAGE]]
    document = workflow(
        node(1, "SaveImage", ["x"], {"images": 3}),
        node(2, "Reroute", inputs=[{"name": "", "type": "*", "link": 1}]),
        node(3, "Reroute", inputs=[{"name": "", "type": "*", "link": 2}]),
        links=links,
    )
    assert _inputs(document, "1", "FB302") == {"filename_prefix": "x"}


def test_a_link_that_is_not_there_is_told() -> None:
    saved = node(1, "SaveImage", ["x"], {"images": 3})
    assert _inputs(workflow(saved), "1", "FB302") == {"filename_prefix": "x"}
    for origin in (9, -10):
        links = [[3, origin, 0, 1, 0, IMAGE]]
        assert _inputs(workflow(saved, links=links), "1", "FB302") == {"filename_prefix": "x"}
