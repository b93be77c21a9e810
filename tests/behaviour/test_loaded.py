"""`flowbind.load`: an instance through which all of a workflow is at hand."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from generated import ComfyTextToImage, Poster

import flowbind
from flowbind import LoadedWorkflow
from flowbind.comfyui import ComfyUI
from flowbind.comfyui.preview import preview as prompt_of
from flowbind.errors import FlowbindError, InputError, NoInput
from flowbind.invokeai import AsyncInvokeAI, Color, InvokeAI, ModelRef
from flowbind.invokeai.runs.preview import preview
from flowbind.pinned import entry_of_class
from flowbind.workflow import RANDOM, UNSET

from .conftest import ROOT
from .fake_server import FakeServer

WORKFLOWS = ROOT / "workflows"
REQUIRED = 'ImageToImageSd15.source_image ("Source image") is required'
MISSING = f"{REQUIRED}: the workflow has no value for it."


@pytest.fixture
def lantern() -> LoadedWorkflow:
    """A workflow of ComfyUI."""
    return flowbind.load(WORKFLOWS / "comfy_text_to_image.json")


@pytest.fixture
def poster() -> LoadedWorkflow:
    """A workflow of InvokeAI."""
    return flowbind.load(WORKFLOWS / "poster.json")


@pytest.fixture
def harbour() -> LoadedWorkflow:
    """A workflow of InvokeAI that requires a picture and a model."""
    return flowbind.load(WORKFLOWS / "image_to_image_sd15.json")


def posted(workflow: Any) -> Any:
    """Return the graph that an instance of InvokeAI's would post, and the workflow stored with it."""
    batch = json.loads(preview(workflow)[0])["batch"]
    return batch["graph"], batch["workflow"]


def test_it_is_an_instance_of_the_class_that_generating_writes(lantern: LoadedWorkflow, poster: LoadedWorkflow) -> None:
    for loaded, made in ((lantern, ComfyTextToImage), (poster, Poster)):
        assert type(loaded).__name__ == made.__name__
        assert type(loaded).__doc__ == made.__doc__
        assert [(i.index, i.attribute, i.default) for i in flowbind.inputs(loaded)] == [
            (i.index, i.attribute, i.default) for i in flowbind.inputs(made)
        ]
        assert loaded.model_fields_set == set()


def test_attributes_indices_and_names_are_one(lantern: LoadedWorkflow) -> None:
    lantern.steps = 8
    assert lantern["steps"] == lantern[5] == lantern["KSampler", "steps"] == lantern["3", "steps"] == 8
    assert lantern[3, "steps"] == 8
    lantern[0] = "a lighthouse"
    lantern["KSampler", "cfg"] = 4.5
    assert (lantern.positive_prompt, lantern.cfg) == ("a lighthouse", 4.5)
    assert prompt_of(lantern)[0] == prompt_of(ComfyTextToImage(positive_prompt="a lighthouse", cfg=4.5, steps=8))[0]


def test_values_are_checked_however_they_are_set(lantern: LoadedWorkflow) -> None:
    def attribute() -> None:
        lantern.steps = 0

    def index() -> None:
        lantern[5] = 0

    def node() -> None:
        lantern["KSampler", "steps"] = 0

    def called() -> None:
        lantern(steps=0)

    for way in (attribute, index, node, called):
        with pytest.raises(InputError, match=r"^ComfyTextToImage.steps .* greater than or equal to 1"):
            way()
    assert lantern.model_fields_set == set()


def test_calling_gives_a_copy(lantern: LoadedWorkflow) -> None:
    other = lantern(seed=4, steps=9)
    assert (other.seed, other.steps, lantern.steps) == (4, 9, 24)
    assert type(other) is type(lantern)
    with pytest.raises(InputError) as caught:
        lantern(seed="x", stepps=3)
    assert len(caught.value.problems) == 2
    assert "has no input 'stepps': did you mean steps?" in caught.value.problems[1]


def test_copies_share_nothing_that_can_change() -> None:
    batch = flowbind.load(ROOT / "tests" / "golden" / "batches" / "workflows" / "own_lists.json")
    name = next(i.attribute for i in flowbind.inputs(batch) if isinstance(i.default, list))
    for other in (batch(), copy.deepcopy(batch)):
        getattr(other, name).append(getattr(other, name)[0])
        assert getattr(batch, name) != getattr(other, name)
    assert isinstance(copy.copy(batch), LoadedWorkflow)
    assert batch.model_copy(update={name: []})[name] == []


# Literals that are no inputs.


def test_any_literal_is_read_by_title_and_by_id(lantern: LoadedWorkflow, poster: LoadedWorkflow) -> None:
    assert lantern["KSampler", "scheduler"] == lantern["3", "scheduler"] == lantern[3, "scheduler"] == "karras"
    assert poster["Ground", "color"] == poster["ground_colour"]
    assert poster["Sun patch", "color"] == {"r": 0, "g": 0, "b": 0, "a": 255}
    assert poster["Sun patch", "board"] is UNSET
    poster["Sun patch", "color"]["r"] = 9
    assert poster["Sun patch", "color"]["r"] == 0


def test_setting_a_literal_makes_it_an_input(lantern: LoadedWorkflow) -> None:
    before = prompt_of(lantern)[0]
    names = [*type(lantern).model_fields]
    lantern.steps = 8
    lantern["KSampler", "scheduler"] = "simple"
    assert lantern["KSampler", "scheduler"] == lantern.scheduler == "simple"
    assert [*type(lantern).model_fields] == [*names, "scheduler"]
    found = flowbind.inputs(lantern).find("scheduler")
    assert (found.index, found.node, found.field, found.default) == (None, "3", "scheduler", "karras")
    after = prompt_of(lantern)[0]
    before["3"]["inputs"] |= {"scheduler": "simple", "steps": 8}
    assert after == before
    lantern.scheduler = "karras"
    assert lantern["KSampler", "scheduler"] == "karras"
    assert lantern(scheduler="beta")["3", "scheduler"] == "beta"


def test_a_literal_of_invokeai_is_typed_by_the_server_s_document(poster: LoadedWorkflow) -> None:
    graph, stored = posted(poster)
    poster["Sun patch", "color"] = Color(1, 2, 3)
    changed, changed_stored = posted(poster)
    node = next(n["id"] for n in stored["nodes"] if n["data"].get("label") == "Sun patch")
    assert changed["nodes"][node]["color"] == {"r": 1, "g": 2, "b": 3, "a": 255}
    graph["nodes"][node]["color"] = changed["nodes"][node]["color"]
    assert changed == graph
    (own,) = (n["data"]["inputs"] for n in changed_stored["nodes"] if n["id"] == node)
    assert own["color"]["value"] == {"r": 1, "g": 2, "b": 3, "a": 255}
    with pytest.raises(InputError, match=r"^Poster\..*mode .*is 'CMYK'"):
        poster["Sun patch", "mode"] = "CMYK"


def test_the_stored_workflow_has_what_was_set(lantern: LoadedWorkflow) -> None:
    from flowbind.comfyui.body import body_of
    from flowbind.comfyui.request import given

    lantern["KSampler", "scheduler"] = "simple"
    body = json.loads(body_of(type(lantern)).join(given(lantern)))
    nodes = body["extra_data"]["extra_pnginfo"]["workflow"]["nodes"]
    (sampler,) = (node for node in nodes if node["type"] == "KSampler")
    assert "simple" in sampler["widgets_values"]
    assert body["prompt"]["3"]["inputs"]["scheduler"] == "simple"


def test_a_value_that_is_refused_changes_nothing(lantern: LoadedWorkflow) -> None:
    kind = type(lantern)
    with pytest.raises(InputError, match=r"ComfyTextToImage\.scheduler .*is 'karas': did you mean 'karras'\?"):
        lantern["KSampler", "scheduler"] = "karas"
    assert type(lantern) is kind
    assert vars(lantern) == vars(flowbind.load(WORKFLOWS / "comfy_text_to_image.json"))
    assert lantern.model_fields_set == set()


def test_what_a_literal_is_called_depends_on_no_other(poster: LoadedWorkflow) -> None:
    one, other = poster(), poster()
    pairs = [("Sun patch", "mode"), ("Mask canvas", "mode")]
    for workflow, order in ((one, pairs), (other, pairs[::-1])):
        for node, name in order:
            workflow[node, name] = "RGBA"
    assert type(one) is type(other)
    assert type(one) is not type(poster)
    assert one == other
    assert [*type(one).model_fields][: len(type(poster).model_fields)] == [*type(poster).model_fields]
    lone = poster()
    lone["Mask canvas", "mode"] = "RGBA"
    assert lone.model_fields_set < one.model_fields_set


def test_a_model_a_board_and_a_picture_are_taken_as_by_an_attribute(harbour: LoadedWorkflow, tmp_path: Path) -> None:
    harbour["Main Model - SD1.5, SD2", "model"] = "Dreamshaper"
    harbour["Resize Image", "image"] = tmp_path / "a.png"
    harbour["Resize Image", "board"] = "Posters"
    assert (harbour.model, harbour.source_image) == ("Dreamshaper", tmp_path / "a.png")
    _, told = preview(harbour)
    assert len(told) == 3
    harbour.model = ModelRef(name="Other")
    assert harbour["Main Model - SD1.5, SD2", "model"] == ModelRef(name="Other")
    with pytest.raises(InputError, match="the form has no shuffle button"):
        harbour["Create Latent Noise", "use_cpu"] = RANDOM


def test_the_check_before_a_run_covers_what_was_set(poster: LoadedWorkflow) -> None:
    def inputs(workflow: LoadedWorkflow) -> set[tuple[str, str]]:
        return {(i["node_type"], i["field_name"]) for i in entry_of_class(type(workflow))["inputs"]}

    fresh = inputs(poster)
    poster["Sun patch", "mode"] = "RGBA"
    assert inputs(poster) == {*fresh, ("blank_image", "mode")}


# What is not there.


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (
            77,
            "ComfyTextToImage has no input 77: those of its form are 0: positive_prompt, 1: negative_prompt, 2: width",
        ),
        (-1, "ComfyTextToImage has no input -1: "),
        ("stepps", "ComfyTextToImage has no input 'stepps': did you mean steps?"),
        ("nothing_like", "ComfyTextToImage has no input 'nothing_like': its inputs are positive_prompt, "),
        (("KSampler", "schedular"), '`schedular` of the node "KSampler" (3) is not there: did you mean scheduler?'),
        (("KSampler", "qqq"), '`qqq` of the node "KSampler" (3) is not there: its literals are seed, steps, cfg, '),
        (("ksampler", "cfg"), "ComfyTextToImage has no node 'ksampler': did you mean 'KSampler'?"),
        (("Nowhere to be", "cfg"), "ComfyTextToImage has no node 'Nowhere to be': its nodes are "),
        (("33", "cfg"), "ComfyTextToImage has no node '33': did you mean '3'?"),
        (
            ("KSampler", "model"),
            '`model` of the node "KSampler" (3) takes no value: the node "Load Checkpoint" (4) feeds it.',
        ),
        (("KSampler", "cfg", "x"), "names no literal; a node and an input do, as in ['KSampler', 'steps']."),
        (("VAE Decode", "qqq"), '`qqq` of the node "VAE Decode" (8) is not there: it has no literal that a run takes.'),
    ],
)
def test_what_is_not_there_is_said_with_what_is_near(lantern: LoadedWorkflow, key: Any, said: str) -> None:
    for ask in (lambda: lantern[key], lambda: lantern.__setitem__(key, 5)):
        with pytest.raises(NoInput) as caught:
            ask()
        assert said in str(caught.value)
        assert isinstance(caught.value, KeyError)
        assert isinstance(caught.value, FlowbindError)
        assert len(str(caught.value)) < 1000


def test_what_a_node_or_a_batch_feeds_takes_no_value(poster: LoadedWorkflow) -> None:
    with pytest.raises(NoInput, match=r'`image` of the node "Grain" .* takes no value: the node "Sun on sky"'):
        poster["Grain", "image"] = "a.png"
    study = flowbind.load(WORKFLOWS / "grain_study.json")
    batches = {node.id: node for node in type(study).__loaded__.nodes if node.type.endswith("_batch")}
    fed = [(node.id, name) for node in type(study).__loaded__.nodes for name, by in node.fed.items() if by in batches]
    assert fed
    with pytest.raises(NoInput, match="feeds it"):
        study[fed[0]]


def test_a_title_that_two_nodes_have_names_their_ids(tmp_path: Path) -> None:
    document = json.loads((WORKFLOWS / "comfy_text_to_image.json").read_text(encoding="utf-8"))
    for node in document["nodes"]:
        if node["type"] == "CLIPTextEncode":
            node["title"] = "Prompt"
    (tmp_path / "twins.json").write_text(json.dumps(document), encoding="utf-8")
    twins = flowbind.load(tmp_path / "twins.json")
    for ask in (lambda: twins["Prompt", "text"], lambda: flowbind.nodes(twins)["Prompt"]):
        with pytest.raises(NoInput, match=r"^Twins: 2 nodes are called 'Prompt'; use an id: '6', '7'\.$"):
            ask()
    twins["6", "text"] = "a dog"
    assert twins["7", "text"] != "a dog"


def test_an_unknown_attribute_is_named(lantern: LoadedWorkflow) -> None:
    with pytest.raises(InputError, match=r"ComfyTextToImage has no input 'stepps': did you mean steps\?"):
        lantern.stepps = 3
    with pytest.raises(AttributeError, match=r"ComfyTextToImage has no input 'stepps': did you mean steps\?"):
        _ = lantern.stepps
    assert not hasattr(lantern, "__nothing__")


# What is required.


def test_what_is_required_and_not_set_is_said(harbour: LoadedWorkflow) -> None:
    with pytest.raises(AttributeError, match=rf"^{REQUIRED.replace('(', '[(]').replace(')', '[)]')}, and not set"):
        _ = harbour.source_image
    with pytest.raises(AttributeError, match="and not set"):
        _ = harbour[0]
    assert harbour["Resize Image", "image"] is UNSET
    assert dict(flowbind.nodes(harbour)["Resize Image"])["image"] is UNSET
    assert "source_image is required" in repr(harbour)


Refused = Callable[[InvokeAI, LoadedWorkflow], object]


@pytest.mark.parametrize(
    "run",
    [
        lambda client, workflow: client.run(workflow),
        lambda client, workflow: client.submit(workflow(steps=3)),
        lambda client, workflow: client.submit_many([workflow, workflow(seed=3)]),
        lambda client, workflow: list(client.run_many(flowbind.grid(workflow, seed=[1, 2]))),
        lambda client, workflow: client.submit_many(flowbind.zipped(workflow, steps=[1, 2])),
        lambda _, workflow: preview(workflow),
    ],
)
def test_what_is_required_and_not_set_keeps_a_run_back(
    server: FakeServer, harbour: LoadedWorkflow, run: Refused
) -> None:
    with InvokeAI(server.url, check="off") as client, pytest.raises(InputError) as caught:
        run(client, harbour)
    assert MISSING in str(caught.value)
    assert not server.requests


def test_and_with_the_async_client(server: FakeServer, harbour: LoadedWorkflow) -> None:
    async def run() -> None:
        async with AsyncInvokeAI(server.url, check="off") as client:
            await client.submit(harbour)

    with pytest.raises(InputError, match="is required: the workflow has no value for it"):
        asyncio.run(run())
    assert not server.requests


def test_a_refused_value_of_a_sweep_over_what_is_required_is_told(harbour: LoadedWorkflow) -> None:
    with pytest.raises(InputError, match=r"source_image .*is 5"):
        flowbind.grid(harbour, source_image=[5, "a.png"])
    rows = flowbind.grid(harbour, source_image=["a.png", "b.png"], model=["Tiny"])
    assert [row.source_image for row in rows] == ["a.png", "b.png"]


# The nodes.


def test_the_nodes_with_their_literals(lantern: LoadedWorkflow) -> None:
    nodes = flowbind.nodes(lantern)
    assert [(node.id, node.title, node.type) for node in nodes] == [
        ("4", "Load Checkpoint", "CheckpointLoaderSimple"),
        ("6", "Positive prompt", "CLIPTextEncode"),
        ("7", "Negative prompt", "CLIPTextEncode"),
        ("5", "Empty Latent Image", "EmptyLatentImage"),
        ("3", "KSampler", "KSampler"),
        ("9", "Picture", "SaveImage"),
    ]
    assert len(nodes) == 6
    assert dict(nodes["5"]) == {"width": 768, "height": 512, "batch_size": 1}
    sampler = nodes["KSampler"]
    sampler["scheduler"] = "simple"
    lantern.steps = 7
    assert (sampler["scheduler"], sampler["steps"], lantern.scheduler) == ("simple", 7, "simple")
    assert "scheduler" in sampler
    assert "model" not in sampler
    assert sampler.get("model", 5) == 5
    assert len(nodes["VAE Decode"]) == 0
    assert 'the node "KSampler" (3): seed=20260822, steps=7' in repr(sampler)
    assert repr(nodes) == "<6 nodes of ComfyTextToImage>"


def test_nodes_are_of_what_was_loaded() -> None:
    generated: Any = ComfyTextToImage()
    with pytest.raises(TypeError, match=r"flowbind\.load"):
        flowbind.nodes(generated)


def test_it_shows_what_is_set(lantern: LoadedWorkflow) -> None:
    assert repr(lantern).endswith("comfy_text_to_image.json: nothing set>")
    lantern.positive_prompt = "a lighthouse " * 30
    lantern.steps = 3
    assert len(repr(lantern)) < 300
    assert str(lantern) == repr(lantern)
    assert "steps=3" in repr(lantern)


def test_what_is_loaded_of_one_document_shares_it(lantern: LoadedWorkflow) -> None:
    other = flowbind.load(WORKFLOWS / "comfy_inpaint.json")
    first, second = (vars(type(workflow).__loaded__)["_catalog"] for workflow in (lantern, other))
    assert first is second


def test_it_says_that_it_cannot_be_pickled(lantern: LoadedWorkflow) -> None:
    with pytest.raises(TypeError, match="ComfyTextToImage was loaded from a file"):
        pickle.dumps(lantern)


def test_a_client_of_another_server_is_named(
    lantern: LoadedWorkflow, poster: LoadedWorkflow, server: FakeServer
) -> None:
    with InvokeAI(server.url) as client, pytest.raises(TypeError, match="is a workflow of ComfyUI"):
        client.run(lantern)
    with ComfyUI(server.url) as other, pytest.raises(TypeError, match="is a workflow of InvokeAI"):
        other.run(poster)
    assert not server.requests


def test_where_a_class_is_wanted_an_instance_is_told_from_it(poster: LoadedWorkflow, server: FakeServer) -> None:
    wrong: Any = poster
    with InvokeAI(server.url) as client:
        for ask in (lambda: client.queue.job(wrong, 7), lambda: client.queue.batch_job(wrong, "b")):
            with pytest.raises(
                TypeError, match=r"This is a Poster, .* hand over its class, `Poster` or `type\(\.\.\.\)`"
            ):
                ask()
    assert not server.requests


def test_names_that_python_knows_are_inputs_like_any_other(tmp_path: Path) -> None:
    document = json.loads((WORKFLOWS / "comfy_text_to_image.json").read_text(encoding="utf-8"))
    (sampler,) = (node for node in document["nodes"] if node["type"] == "KSampler")
    sampler["inputs"] = [
        {**slot, "label": {"steps": "keys", "seed": "nodes", "cfg": "inputs"}.get(slot["name"], "")}
        if slot.get("widget")
        else slot
        for slot in sampler["inputs"]
    ]
    (tmp_path / "odd.json").write_text(json.dumps(document), encoding="utf-8")
    odd = flowbind.load(tmp_path / "odd.json")
    odd["KSampler", "steps"] = 3
    odd["KSampler", "scheduler"] = "simple"
    assert prompt_of(odd)[0]["3"]["inputs"]["steps"] == 3
