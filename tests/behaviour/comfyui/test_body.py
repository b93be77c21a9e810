"""What is posted to ComfyUI: the prompt of the file, changed where a value was set and nowhere else."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.comfyui import RANDOM, UNSET, ComfyUIWorkflow, File, Image, Slot
from flowbind.comfyui.body import body_of
from flowbind.comfyui.files import StoredFile
from flowbind.comfyui.request import expanded, files_in
from flowbind.comfyui.request import given as given_values
from flowbind.drawing import settled
from flowbind.errors import InputError

from .made import class_of
from .portrait import PROMPT, STORED, Portrait

SEPARATORS = (",", ":")
NUMBERS = {slot.attribute: number for number, slot in enumerate(Portrait.__flowbind__.slots)}


def posted(workflow: ComfyUIWorkflow[Any], uploaded: dict[int, str] | None = None) -> Any:
    """Return the request of an instance, texts not expanded."""
    values = given_values(workflow)
    here = {number: file.name for number, file in files_in(values).items() if isinstance(file, StoredFile)}
    return json.loads(body_of(type(workflow)).join({**values, **here, **(uploaded or {})}))


def test_an_unset_body_is_the_files_own_to_the_byte() -> None:
    wanted = {"prompt": PROMPT, "extra_data": {"extra_pnginfo": {"workflow": STORED}}}
    assert body_of(Portrait).join(given_values(Portrait())) == json.dumps(wanted, separators=SEPARATORS).encode()


def test_who_asks_stands_at_the_end() -> None:
    data = body_of(Portrait).join({}, members={"client_id": "me", "prompt_id": "7f"})
    assert data.endswith(b',"client_id":"me","prompt_id":"7f"}')
    assert json.loads(data)["prompt"] == PROMPT


def test_without_a_stored_workflow_there_is_no_extra_data() -> None:
    made = class_of({"1": {"class_type": "A", "inputs": {"a": 1}}}, Slot("a", "1", "a", "value"))
    assert posted(made()) == {"prompt": {"1": {"class_type": "A", "inputs": {"a": 1}}}}


def test_values_land_in_all_places() -> None:
    portrait = Portrait(
        prompt='a {x|y} "ü" \u2028',
        checkpoint="other.safetensors",
        face=Image("b.png", "sub", "output"),
        seed=2**64 - 2,
        sampler="ddim",
        cfg=4.0,
        size=1024,
        colours=["#000", "#111"],
        curve={"points": [[0.0, 0.0], [1.0, 1.0]], "interpolation": "linear"},
        steps=30,
        mask=File("m.bin"),
    )
    prompt, stored = deepcopy(PROMPT), deepcopy(STORED)
    prompt["6"]["inputs"]["text"] = stored["nodes"][0]["widgets_values"][0] = 'a {x|y} "ü" \u2028'
    prompt["4"]["inputs"]["ckpt_name"] = "other.safetensors"
    prompt["10"]["inputs"]["image"] = stored["nodes"][2]["widgets_values"][0] = "sub/b.png [output]"
    prompt["10"]["inputs"]["mask"] = "m.bin"
    prompt["3"]["inputs"] |= {"seed": 18446744073709551614, "sampler_name": "ddim", "cfg": 4.0}
    stored["nodes"][1]["widgets_values"] = [18446744073709551614, "randomize", 20, 4.0, "euler"]
    prompt["57:8"]["inputs"] |= {"width": 1024, "height": 1024}
    stored["nodes"][4]["widgets_values"] = [1024]
    prompt["12"]["inputs"] = {
        "colors": {"__value__": ["#000", "#111"]},
        "curve": {
            "__type__": "CURVE",
            "__value__": {"points": [[0.0, 0.0], [1.0, 1.0]], "interpolation": "linear"},
        },
    }
    stored["nodes"][3]["widgets_values"]["colors"] = ["#000", "#111"]
    prompt["11"]["inputs"]["value"] = 30
    assert posted(portrait) == {"prompt": prompt, "extra_data": {"extra_pnginfo": {"workflow": stored}}}


def test_a_list_that_is_changed_is_sent() -> None:
    portrait = Portrait()
    portrait.colours.append("#000")
    assert posted(portrait)["prompt"]["12"]["inputs"]["colors"] == {"__value__": ["#fff", "#000"]}
    assert posted(Portrait())["prompt"] == PROMPT


def test_a_list_without_an_own_value_is_no_link() -> None:
    made = class_of({"1": {"class_type": "A", "inputs": {}}}, Slot("a", "1", "a", "wrapped"))
    assert posted(made(a=["1", 0]))["prompt"]["1"]["inputs"] == {"a": {"__value__": ["1", 0]}}
    assert posted(made(a={"points": []}))["prompt"]["1"]["inputs"] == {"a": {"points": []}}


@pytest.mark.parametrize(
    ("steps", "more_steps", "wanted"),
    [(None, 3, {"again": 3}), (3, None, {"value": 3}), (None, None, {}), (5, 6, {"value": 5, "again": 6})],
)
def test_none_leaves_the_input_out_even_where_all_are_slots(steps: Any, more_steps: Any, wanted: Any) -> None:
    body = posted(Portrait(steps=steps, more_steps=more_steps, cfg=None))
    assert body["prompt"]["11"]["inputs"] == wanted
    assert "cfg" not in body["prompt"]["3"]["inputs"]
    # The stored workflow tells the file's.
    assert body["extra_data"]["extra_pnginfo"]["workflow"] == STORED


def test_unset_is_the_files_own() -> None:
    assert posted(Portrait(curve=UNSET))["prompt"] == PROMPT


def test_files_of_this_machine_are_sent_by_the_names_of_their_uploads(tmp_path: Path) -> None:
    portrait = Portrait(face=tmp_path / "a.png", mask=b"123")
    files = files_in(given_values(portrait))
    assert files == {NUMBERS["face"]: tmp_path / "a.png", NUMBERS["mask"]: b"123"}
    inputs = posted(portrait, dict(zip(files, ["a (1).png", "m.bin"], strict=True)))["prompt"]["10"]["inputs"]
    assert inputs == {"image": "a (1).png", "mask": "m.bin"}
    assert files_in(given_values(Portrait(face="b.png"))) == {}


def test_random_draws_from_all_of_its_range() -> None:
    portrait = Portrait(seed=RANDOM)
    found = {settled(portrait)[0].seed for _ in range(20)}
    assert len(found) == 20
    assert all(isinstance(seed, int) and 0 <= seed < 2**64 for seed in found)
    assert max(seed for seed in found if isinstance(seed, int)) >= 2**60
    sent, numbers = settled(portrait)
    body = posted(sent)
    stored = body["extra_data"]["extra_pnginfo"]["workflow"]["nodes"][1]["widgets_values"][0]
    assert body["prompt"]["3"]["inputs"]["seed"] == stored == numbers["seed"]
    assert portrait.seed is RANDOM


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"prompt": "a \ud800"}, r'Portrait\.prompt \("Prompt"\) is .*half a character'),
        ({"face": Image("\udfff.png")}, r"Portrait\.face is .*half a character"),
        ({"colours": ["\ud800"]}, r"Portrait\.colours is .*half a character"),
        ({"seed": 2**64}, r"Portrait\.seed is 18446744073709551616.*less than or equal to 18446744073709551615"),
        ({"size": 20}, r"Portrait\.size is 20: .*multiple of 8"),
        ({"sampler": "eule"}, r"Portrait\.sampler is 'eule': did you mean 'euler'"),
        ({"face": File("a.png")}, r"Portrait\.face is File"),
        ({"sede": 1}, "Portrait has no input 'sede': did you mean seed"),
    ],
)
def test_what_an_input_refuses(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Portrait(**inputs)
    assert Portrait(prompt="👍 ü").prompt == "👍 ü"


def test_own_texts_are_expanded_at_each_run() -> None:
    portrait = Portrait(seed=5, steps=7)
    values = given_values(portrait)
    texts = [expanded(Portrait, values, source=random.Random(seed), now=datetime(2026, 3, 4)) for seed in range(40)]
    assert {text[NUMBERS["prompt"]] for text in texts} == {
        f"a {choice} kite " for choice in ("red", "pale blue", "dark blue")
    }
    # What has nothing to expand is not there.
    assert {text[12] for text in texts} == {"2026/5"}
    assert {len(text) for text in texts} == {2}
    body = json.loads(body_of(Portrait).join(values, texts[0]))
    assert body["prompt"]["9"]["inputs"]["filename_prefix"] == "2026/5"
    assert body["prompt"]["6"]["inputs"]["text"] == texts[0][NUMBERS["prompt"]]
    # The file keeps the text that further runs expand, as from the editor.
    assert body["extra_data"]["extra_pnginfo"]["workflow"]["nodes"][0] == STORED["nodes"][0]


def test_a_text_that_is_set_is_sent_as_it_is() -> None:
    values = given_values(Portrait(prompt=Portrait().prompt))
    assert expanded(Portrait, values, now=datetime(2026, 3, 4)) == {12: "2026/18446744073709551615"}
    assert posted(Portrait(prompt="{a|b}"))["prompt"]["6"]["inputs"]["text"] == "{a|b}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%KSampler.cfg% %KSampler.denoise%", "2.5 1"),
        # A subgraph's node, set through the subgraph.
        ("%Size of “all”.height%", "640"),
        # By the property first, then by the title, then not at all.
        ("%Text of mine.text%", "blurry"),
        ("%What to draw.text%", "a {red_{pale_dark} blue} kite __ sketch"),
        ("%LoadImage.image%", "b.png"),
        # A link has no value, but the file may tell what the widget has.
        ("%KSampler.model%", "%KSampler.model%"),
        ("%KSampler.latent_image%", "kept"),
        # A node that is not posted.
        ("%Muted one.text% %Muted one.other%", "quiet %Muted one.other%"),
        ("%Nobody.text%", "%Nobody.text%"),
    ],
)
def test_the_values_of_other_nodes(text: str, wanted: str) -> None:
    prompt, stored = deepcopy(PROMPT), deepcopy(STORED)
    prompt["9"]["inputs"]["filename_prefix"] = text
    stored["nodes"] += [
        {"id": 7, "type": "CLIPTextEncode", "properties": {"Node name for S&R": "Text of mine"}},
        {"id": 99, "type": "Note", "title": "Muted one", "widgets_values_named": {"text": "quiet"}},
        {"id": 98, "type": "X", "properties": [], "title": None, "widgets_values_named": []},
        "no node",
    ]
    stored["nodes"][1]["widgets_values_named"] = {"latent_image": "kept"}
    made = class_of(prompt, *Portrait.__flowbind__.slots, stored=stored, base=Portrait)
    values = given_values(made(cfg=2.5, size=640, face="b.png"))
    assert expanded(made, values)[12] == wanted


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["a", "b", "ü", 'quo"te', "model.x"])
NODES = st.sampled_from(["1", "2", "57:8", '"'])
PROMPTS = st.dictionaries(NODES, st.dictionaries(FIELDS, JSON.filter(lambda value: value is not None)), min_size=1)


@given(PROMPTS, st.data())
def test_joining_is_serialising_the_changed_prompt(inputs: dict[str, dict[str, Any]], data: st.DataObject) -> None:
    prompt = {node: {"class_type": "A", "inputs": held, "_meta": {"title": "ü"}} for node, held in inputs.items()}
    stored = {"nodes": [{"values": list(held.values()), "by_name": held} for held in inputs.values()], "x": {}}
    places = data.draw(st.lists(st.tuples(st.sampled_from(sorted(inputs)), FIELDS), unique=True), "places")
    groups = [places[at : at + 2] for at in range(0, len(places), 2)]
    slots = [
        Slot(
            f"a{number}",
            *first,
            "value",
            also=tuple(also),
            saved=tuple(
                way
                for node, name in (first, *also)
                if name in inputs[node]
                for way in (
                    ("nodes", list(inputs).index(node), "values", list(inputs[node]).index(name)),
                    ("nodes", list(inputs).index(node), "by_name", name),
                )
            ),
        )
        for number, (first, *also) in enumerate(groups)
    ]
    values = (
        {n: data.draw(JSON) for n in data.draw(st.sets(st.sampled_from(range(len(slots))))) if slots} if slots else {}
    )
    body = body_of(class_of(prompt, *slots, stored=stored))
    wanted: dict[str, Any] = deepcopy(prompt)
    told: dict[str, Any] = deepcopy(stored)
    for number, value in values.items():
        own = prompt[slots[number].node]["inputs"].get(slots[number].field)
        wraps = isinstance(own, dict) and "__value__" in own
        sent = {**own, "__value__": value} if wraps else {"__value__": value} if isinstance(value, list) else value
        for node, name in ((slots[number].node, slots[number].field), *slots[number].also):
            if value is None:
                wanted[node]["inputs"].pop(name, None)
            else:
                wanted[node]["inputs"][name] = sent
        for *way, last in slots[number].saved:
            at: Any = told
            for key in way:
                at = at[key]
            at[last] = at[last] if value is None else value
    request = {"prompt": wanted, "extra_data": {"extra_pnginfo": {"workflow": told}}}
    joined = json.loads(body.join(values, members={"client_id": "me"}))
    # As text: 1, 1.0 and true are equal, but not the same for a server.
    assert json.dumps(joined, sort_keys=True) == json.dumps(request | {"client_id": "me"}, sort_keys=True)
