"""Why a run failed: which input is to blame, and when none is; mostly recorded failures of a real server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.recorded import noted

from flowbind.errors import RunCanceled, RunFailed
from flowbind.invokeai._rest import QueueItem
from flowbind.invokeai.runs.given_back import Media
from flowbind.invokeai.runs.outcome import result_of
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .exports import edge, given, node, resolved, workflow

NAME = "04_runtime_failures"
MODEL = {"key": "k-0000-1111", "hash": "random:0", "name": "Dreamshaper 8", "base": "sd-1", "type": "main"}
OTHER = {**MODEL, "key": "k-2222-3333", "name": "Deliberate"}


def made(catalog: Catalog, *nodes: dict[str, Any], edges: str = "", exposed: str = "") -> type[Workflow[Any]]:
    """Return a class; wires are written "a.value>b.a", inputs "a.value", with spaces between them."""
    wires = [edge(*wire.split(">")) for wire in edges.split()]
    document = workflow(*nodes, edges=wires, exposed=exposed.split())
    return class_of(resolved(document, catalog)[0])


def failure(workflow: type[Workflow[Any]], body: Mapping[str, Any]) -> RunFailed:
    """Return what is raised for an item."""
    with pytest.raises(RunFailed) as caught:
        result_of(workflow, QueueItem.model_validate(body), Media(), {})
    return caught.value


def item(kind: str, said: str, graph: Mapping[str, Any], failing: str, **more: Any) -> dict[str, Any]:
    """Return an item that failed at a node of a graph in which each node ran at most once, as itself."""
    ids = {node_id: f"p-{node_id}" for node_id in graph["nodes"]}
    session = {
        "graph": graph,
        "execution_graph": {"nodes": {ids[n]: value for n, value in graph["nodes"].items()}},
        "errors": {ids[failing]: f"{kind}: {said}"},
        "prepared_source_mapping": {p: n for n, p in ids.items()},
        "source_prepared_mapping": {n: [p] for n, p in ids.items()},
        "results": {},
    }
    fixed = {"item_id": 7, "status": "failed", "batch_id": "b", "session_id": "s", "queue_id": "default", "priority": 0}
    times = {"created_at": "2026-11-21 03:42:45.825", "updated_at": "2026-11-21 03:42:45.864", "user_id": "system"}
    words = {"error_type": kind, "error_message": said, "error_traceback": "Traceback"}
    return {**fixed, **times, **words, "session": session | more}


def graph(*edges: str, **nodes: dict[str, Any]) -> dict[str, Any]:
    """Return a graph as it was posted."""
    ends = [[dict(zip(("node_id", "field"), end.split("."), strict=True)) for end in e.split(">")] for e in edges]
    return {"nodes": nodes, "edges": [{"source": source, "destination": target} for source, target in ends]}


def test_recorded_a_picture_that_is_gone(catalog: Catalog) -> None:
    nodes = (node("a", "image", {"image": given({"image_name": "x.png"}, label="Source")}, label="From"),)
    workflow = made(catalog, *nodes, node("b", "img_resize"), edges="a.image>b.image", exposed="a.image")
    failed = failure(workflow, noted(NAME, "image that does not exist")["response_body"])
    assert failed.attribute == "source"
    assert str(failed) == (
        'A.source ("Source"): item 35 failed at the node "From": ImageRecordNotFoundException: Image record not found. '
        "Set the input to something else, or put right what it names on the server."
    )
    assert (failed.node_id, failed.node_label, failed.partial) == ("a", "From", None)


def test_recorded_nothing_was_given(catalog: Catalog) -> None:
    line = noted(NAME, "img_resize without image")["response_body"]
    failed = failure(made(catalog, node("b", "img_resize", {"image": given()}), exposed="b.image"), line)
    assert failed.attribute == "image"
    assert str(failed).endswith("missing value or connection for field image. Set it.")
    hidden = failure(made(catalog, node("b", "img_resize", {"image": {"image_name": "x"}}), exposed="b.width"), line)
    # The class looks the picture up, though it is no input.
    assert hidden.attribute is None
    assert "Give `image` of the node" in str(hidden)


def test_recorded_a_model_that_is_gone(catalog: Catalog) -> None:
    line = noted(NAME, "unknown model key")["response_body"]
    workflow = made(catalog, node("m", "main_model_loader", {"model": MODEL}, label="Loader"), exposed="m.model")
    failed = failure(workflow, line)
    assert failed.attribute == "model"
    assert 'at the node "Loader": Exception: Unknown model 00000000-no-such-key. That is the model "nope". Set' in str(
        failed
    )


def test_recorded_no_input_is_blamed_for_what_it_may_not_have_caused(catalog: Catalog) -> None:
    nodes = (node("a", "integer", {"value": 4}), node("b", "div", {"b": 0}), node("c", "add"))
    workflow = made(catalog, *nodes, edges="a.value>b.a b.value>c.a", exposed="a.value b.b")
    failed = failure(workflow, noted(NAME, "division by zero, after a good node")["response_body"])
    assert failed.attribute is None
    assert (failed.error_type, failed.error_message) == ("ZeroDivisionError", "division by zero")
    assert failed.traceback.startswith("Traceback")
    assert "Look at the node and at what feeds it" in str(failed)
    assert failed.partial is not None
    assert failed.partial.nodes == {"a": [{"type": "integer_output", "value": 4}], "b": [], "c": []}
    with pytest.raises(AttributeError, match="the run ended before"):
        _ = failed.partial.outputs.value


def test_recorded_a_wrong_pattern_is_not_quoted_by_the_server(catalog: Catalog) -> None:
    workflow = made(catalog, node("a", "string_replace", {"search_string": "("}), exposed="a.search_string a.string")
    assert failure(workflow, noted(NAME, "string that is not JSON / bad regex")["response_body"]).attribute is None


def test_recorded_what_iterations_made_before_one_failed(catalog: Catalog) -> None:
    nodes = (node("r", "integer_collection", {"collection": [1, 0, 2]}), node("i", "iterate"))
    wires = "r.collection>i.collection i.item>d.b d.value>c.item"
    workflow = made(catalog, *nodes, node("d", "div", {"a": 10}), node("c", "collect"), edges=wires, exposed="d.a")
    failed = failure(workflow, noted(NAME, "failure in one iteration")["response_body"])
    assert failed.node_id == "d"
    assert failed.attribute is None
    assert failed.partial is not None
    assert [r["value"] for r in failed.partial.nodes["d"]] == [10]


def test_recorded_a_workflow_that_cannot_be_called(catalog: Catalog) -> None:
    workflow = made(catalog, node("a", "call_saved_workflow", {"workflow_id": "nope"}), exposed="a.workflow_id")
    failed = failure(workflow, noted(NAME, "workflow_call: unknown saved workflow")["response_body"])
    assert failed.attribute == "workflow_id"


def test_what_failed_in_a_called_workflow_is_told_as_such(catalog: Catalog) -> None:
    workflow = made(
        catalog, node("a", "call_saved_workflow", {"workflow_id": "w"}, label="Call"), exposed="a.workflow_id"
    )
    call = {"prepared_call_node_id": "p-a", "status": "failed", "child_item_ids": [45]}
    said = "Node img_resize missing value or connection for field image"
    posted = graph(a={"type": "call_saved_workflow", "workflow_id": "w"})
    failed = failure(workflow, item("ValueError", said, posted, "a", workflow_call_history=[call]))
    assert failed.attribute is None
    assert 'A: item 7 failed in the workflow that the node "Call" calls (item 45): ValueError: Node img_res' in str(
        failed
    )


def test_a_model_that_is_gone_and_is_no_input_is_called_by_its_name(catalog: Catalog) -> None:
    workflow = made(catalog, node("m", "main_model_loader", {"model": MODEL}))
    # It is required to be looked up, so it is a slot, but not an attribute.
    posted = graph(m={"type": "main_model_loader", "model": MODEL})
    failed = failure(workflow, item("Exception", "Unknown model k-0000-1111", posted, "m"))
    assert failed.attribute is None
    assert 'That is the model "Dreamshaper 8". Look' in str(failed)


def loras(catalog: Catalog) -> type[Workflow[Any]]:
    """Return a class with a model and a LoRA, one feeding the other."""
    nodes = (node("m", "main_model_loader", {"model": MODEL}), node("l", "lora_loader", {"lora": OTHER}))
    return made(catalog, *nodes, edges="m.unet>l.unet", exposed="m.model l.lora")


@pytest.mark.parametrize(
    ("kind", "said", "attribute"),
    [
        ("ValueError", "Unknown lora: k-2222-3333!", "lora"),
        ("ValueError", "The model k-0000-1111 is of no use here", "model"),  # it stands at a node before this one
        ("ValueError", "k-2222-3333 does not fit k-0000-1111", None),
        ("ValueError", "k-0000-11112 is another key", None),
        ("ValueError", "'Deliberate' is not made for it", "lora"),
        ("ValueError", "Deliberate is a plain word here", None),
        ("UnknownModelException", "model not found", "lora"),  # the one model that the node was given
        ("OutOfMemoryError", "CUDA out of memory. Tried to allocate 2 GiB for k-2222-3333", None),
        ("ValueError", "sd-1 main", None),
    ],
)
def test_models_are_known_by_what_the_message_quotes(
    catalog: Catalog, kind: str, said: str, attribute: str | None
) -> None:
    posted = graph(
        "m.unet>l.unet",
        m={"type": "main_model_loader", "model": MODEL},
        l={"type": "lora_loader", "lora": OTHER, "weight": 0.75},
    )
    assert failure(loras(catalog), item(kind, said, posted, "l")).attribute == attribute


@pytest.mark.parametrize(
    ("said", "attribute"),
    [
        ("start_frame=12 is out of range for a 9-frame video.", "start_frame"),
        ("end_frame must be larger", "end_frame"),
        ("start_frame must be below end_frame", None),
        ("value 12 is too large", None),
        ("the frames of a fox in the snow", None),
        ("No such file or directory: '/data/a fox.txt'", None),
        ("Node extract_video_range missing value or connection for field video", "video"),
        ("Node other_node missing value or connection for field video", None),
    ],
)
def test_numbers_are_known_by_their_names(catalog: Catalog, said: str, attribute: str | None) -> None:
    inputs = {"video": given(), "start_frame": 12, "end_frame": 40}
    workflow = made(
        catalog,
        node("v", "extract_video_range", inputs),
        exposed="v.video v.start_frame v.end_frame",
    )
    posted = graph(v={"type": "extract_video_range", "start_frame": 12, "end_frame": 40})
    assert failure(workflow, item("ValueError", said, posted, "v")).attribute == attribute


@pytest.mark.parametrize(
    ("value", "said", "attribute"),
    [
        ("/data/prompts.txt", "[Errno 2] No such file or directory: '/data/prompts.txt'", "where"),
        ("/data/prompts.txt", "cannot open /data/prompts.txt.", "where"),
        ("file", "[Errno 2] No such file or directory", None),
        ("", "nothing ''", None),
        ("gone", "Cannot find 'gone'", "where"),
    ],
)
def test_texts_are_known_where_they_are_quoted_or_long(
    catalog: Catalog, value: str, said: str, attribute: str | None
) -> None:
    nodes = (node("s", "string", {"value": given(value, label="Where")}), node("r", "string_replace"))
    workflow = made(catalog, *nodes, edges="s.value>r.string", exposed="s.value")
    posted = graph("s.value>r.string", s={"type": "string", "value": value}, r={"type": "string_replace"})
    assert failure(workflow, item("OSError", said, posted, "r")).attribute == attribute


def test_a_picture_that_is_gone_may_come_from_another_node(catalog: Catalog) -> None:
    first, second = {"image_name": "1.png"}, {"image_name": "2.png"}
    nodes = (node("a", "image", {"image": given(first, label="Left")}), node("p", "img_paste", {"image": second}))
    workflow = made(catalog, *nodes, edges="a.image>p.base_image", exposed="a.image p.image")
    posted = graph("a.image>p.base_image", a={"type": "image", "image": first}, p={"type": "img_paste"})
    kind, said = "ImageFileNotFoundException", "Image file not found"
    given_it = {"nodes": {"p-p": {"base_image": first}}}
    assert failure(workflow, item(kind, said, posted, "p", execution_graph=given_it)).attribute == "left"
    given_two = {"nodes": {"p-p": {"base_image": first, "image": second}}}
    assert failure(workflow, item(kind, said, posted, "p", execution_graph=given_two)).attribute is None


def test_a_batch_is_to_blame_for_its_item(catalog: Catalog) -> None:
    nodes = (node("s", "string_batch", {"strings": ["'a'", "'b'"]}), node("r", "string_replace"))
    workflow = made(catalog, *nodes, edges="s.value>r.search_string", exposed="s.strings")
    posted = graph(r={"type": "string_replace", "search_string": "unbalanced ((("})
    failed = failure(workflow, item("error", "cannot compile unbalanced (((", posted, "r"))
    assert failed.attribute == "strings"


@pytest.mark.parametrize(
    ("noted", "words"),
    [
        ("OSError: disk full: /dev/sda", ("OSError", "disk full: /dev/sda", "OSError: disk full: /dev/sda")),
        (
            "Traceback (most\n  File\nOSError: disk full\n",
            ("OSError", "disk full", "Traceback (most\n  File\nOSError: disk full\n"),
        ),
        ("something", ("error", "something", "something")),
        ("", ("error", "the server gives no reason", "")),
    ],
)
def test_what_the_item_does_not_say_the_session_may(catalog: Catalog, noted: str, words: tuple[str, str, str]) -> None:
    body = item("x", "y", graph(a={"type": "add"}), "a", errors={"p-a": noted})
    for name in ("error_type", "error_message", "error_traceback"):
        del body[name]
    failed = failure(made(catalog, node("a", "add")), body)
    assert (failed.error_type, failed.error_message, failed.traceback) == words
    assert failed.node_id == "a"


def test_the_words_of_a_server_stay_on_one_line(catalog: Catalog) -> None:
    said = "red \x1b[31m\r\n" + "x" * 9000
    failed = failure(made(catalog, node("a", "add")), item("E\n", said, graph(a={"type": "add"}), "a"))
    assert failed.error_message == said
    assert str(failed).isprintable()
    assert len(str(failed)) < 800


def test_a_canceled_run_has_what_was_finished(catalog: Catalog) -> None:
    workflow = made(catalog, node("a", "add", visible=True), node("b", "add"), edges="a.value>b.a")
    body = item("x", "y", graph(a={"type": "add"}, b={"type": "add"}), "b", errors={})
    for finished in (False, True):
        body["session"]["results"] = {"p-a": {"type": "integer_output", "value": 3}} if finished else {}
        with pytest.raises(RunCanceled, match=r"item 7 was canceled\. Submit it again") as caught:
            result_of(workflow, QueueItem.model_validate({**body, "status": "canceled"}), Media(), {})
        partial = caught.value.partial
        assert (partial and partial.nodes["a"]) == ([{"type": "integer_output", "value": 3}] if finished else None)


@pytest.mark.parametrize(
    "strange",
    [
        {"nodes": {"a": {"a": 1}}, "edges": [{"from": "b", "to": "a"}]},
        {"nodes": {"a": {"a": 1}}, "edges": ["b>a"]},
        {"nodes": [{"id": "a"}], "edges": []},
        "lost",
    ],
)
def test_a_session_of_another_shape_is_a_failed_run_all_the_same(catalog: Catalog, strange: Any) -> None:
    kind = made(catalog, node("a", "add", {"a": given(1), "b": given(2)}), exposed="a.a")
    body = item("ValueError", "a is 1", graph(a={"a": 1}), "a")
    body["session"]["graph"] = strange
    found = failure(kind, body)
    assert (found.error_type, found.attribute) == ("ValueError", None)
    assert "item 7 failed" in str(found)
