"""Models that an input does not take: refused before anything is queued, by what the server's own list says."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.exports import form, given, input_of, node, only, picture, resolved, workflow
from tests.unit.test_catalog import MODEL as MODEL_REF
from tests.unit.test_catalog import document, invocation

from flowbind.errors import InputError, ModelNotAccepted, ModelNotFound
from flowbind.invokeai import InvokeAI, LoRA, ModelFilter, ModelRef
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.live_module import class_of

from .conftest import Runner
from .fake_server import ENQUEUE, FakeServer, as_json


def model(name: str, base: str, kind: str, **more: Any) -> dict[str, Any]:
    """Return a model as the server lists it."""
    key = f"{name}-{base}-{kind}".lower()
    return {"key": key, "hash": f"blake3:{key}", "name": name, "base": base, "type": kind, "format": "x"} | more


MODELS = [
    model("Small", "sd-1", "main"),
    model("Large", "sdxl", "main"),
    model("Twin", "sdxl", "main"),
    model("Twin", "sd-1", "main"),
    model("Twin", "sd-1", "lora"),
    model("Style", "sd-1", "lora"),
    model("Big style", "sdxl", "lora"),
    model("Edge", "sd-1", "controlnet"),
    model("Inpainter", "sd-2", "main"),
]


def saved(name: str, base: str = "sd-1", kind: str = "main") -> dict[str, Any]:
    return {"key": "elsewhere", "hash": "elsewhere", "name": name, "base": base, "type": kind}


@pytest.fixture
def server(server: FakeServer) -> FakeServer:
    """The fake server with more models."""
    server.answer("GET", "/api/v2/models/", as_json({"models": MODELS}))
    return server


def loader(catalog: Catalog, value: Any = None, label: str = "The model") -> type[Workflow[Any]]:
    """Return a class whose one input takes main models of sd-1 and sd-2."""
    entry = given(label=label) if value is None else given(value, label=label)
    made = workflow(picture(), node("m", "main_model_loader", {"model": entry}), form=form("m.model"))
    return class_of(resolved(made, catalog)[0])


def filtered(**words: Any) -> type[Workflow[Any]]:
    """Return a class whose one input takes what the words of the document say."""
    prop = {**MODEL_REF, "field_kind": "input", "input": "any", "orig_required": True, **words}
    catalog = Catalog(document(invocation("load", {"model": prop})))
    export = workflow(node("m", "load", {"model": given(label="Mine")}, visible=True), form=form("m.model"))
    return class_of(resolved(export, catalog)[0])


def sent_model(server: FakeServer, field: str = "model") -> Any:
    (request,) = server.sent("POST", ENQUEUE)
    return request.json["batch"]["graph"]["nodes"]["m"][field]


def test_docs_and_inspection_say_what_is_accepted(catalog: Catalog) -> None:
    export = workflow(picture(), node("m", "main_model_loader", {"model": given()}), form=form("m.model"))
    found = input_of(resolved(export, catalog)[0], "model")
    assert "Accepts main models of base sd-1 or sd-2." in " ".join(found.doc.split())
    models = found.as_json()["models"]
    assert (models["bases"], models["types"]) == (["sd-1", "sd-2"], ["main"])
    assert all(isinstance(names, list) for names in models.values())
    export = workflow(picture(width=5), form=form("p.width"))
    assert input_of(resolved(export, catalog)[0], "width").as_json()["models"] is None


@pytest.mark.parametrize(
    "given_model",
    [
        "Small",
        "Inpainter",
        "Twin",
        ModelRef(name="Small"),
        ModelRef(key="small-sd-1-main"),
        ModelRef(hash="blake3:small-sd-1-main"),
        ModelRef(name="Twin", base="sd-1"),
        ModelRef(name="gone", key="small-sd-1-main"),
    ],
)
def test_what_fits_is_sent(given_model: Any, server: FakeServer, runner: Runner, catalog: Catalog) -> None:
    runner.submit(loader(catalog)(the_model=given_model))
    sent = sent_model(server)
    assert sent["base"] in ("sd-1", "sd-2")
    assert sent["type"] == "main"


@pytest.mark.parametrize(
    ("given_model", "about"),
    [
        ("Large", '"Large" (base sdxl, type main)'),
        ("Style", '"Style" (base sd-1, type lora)'),
        (ModelRef(name="Large"), '"Large" (base sdxl, type main)'),
        (ModelRef(key="large-sdxl-main"), '"Large" (base sdxl, type main)'),
        (ModelRef(hash="blake3:large-sdxl-main"), '"Large" (base sdxl, type main)'),
        (ModelRef(name="Twin", base="sdxl"), '"Twin" (base sdxl, type main)'),
        (ModelRef(name="Twin", type="lora"), '"Twin" (base sd-1, type lora)'),
    ],
)
def test_what_does_not_fit_is_refused(
    given_model: Any, about: str, server: FakeServer, runner: Runner, catalog: Catalog
) -> None:
    with pytest.raises(ModelNotAccepted) as caught:
        runner.submit(loader(catalog)(the_model=given_model))
    said = str(caught.value)
    assert said.startswith(f'A.the_model ("The model"): {about} does not fit')
    assert "the input takes main models of base sd-1 or sd-2." in said
    assert 'The server has "Small" (base sd-1, type main); "Twin" (base sd-1, type main); "Inpainter"' in said
    assert not server.sent("POST")


def test_a_server_without_a_model_that_fits(server: FakeServer, catalog: Catalog) -> None:
    server.answer("GET", "/api/v2/models/", as_json({"models": [model("Large", "sdxl", "main")]}))
    with (
        InvokeAI(server.url, check="off") as client,
        pytest.raises(ModelNotAccepted, match="The server has none of these"),
    ):
        client.submit(loader(catalog)(the_model="Large"))
    with InvokeAI(server.url, check="off") as client, pytest.raises(ModelNotFound, match='has no model "Small"'):
        client.submit(loader(catalog)(the_model="Small"))


@pytest.mark.parametrize("own", [saved("Large", "sdxl"), saved("Style", "sd-1", "lora")])
def test_the_workflows_own_model_is_never_refused(
    own: Any, server: FakeServer, runner: Runner, catalog: Catalog
) -> None:
    runner.submit(loader(catalog, own)())
    assert sent_model(server)["name"] == own["name"]


def test_the_workflows_own_model_set_again_is_checked(server: FakeServer, catalog: Catalog) -> None:
    made = loader(catalog, saved("Large", "sdxl"))
    with InvokeAI(server.url, check="off") as client, pytest.raises(ModelNotAccepted):
        client.submit(made(the_model=made().the_model))  # type: ignore[attr-defined]
    assert not server.sent("POST")


@pytest.mark.parametrize(
    ("words", "records", "fits"),
    [
        ({"ui_model_base": ["sdxl"]}, [{}], False),
        ({"ui_model_base": ["sd-1"]}, [{}], True),
        ({"ui_model_type": ["vae"]}, [{}], False),
        ({"ui_model_format": ["checkpoint"]}, [{"format": "diffusers"}], False),
        ({"ui_model_format": ["checkpoint", "diffusers"]}, [{"format": "diffusers"}], True),
        ({"ui_model_variant": ["inpaint"]}, [{"variant": "normal"}], False),
        ({"ui_model_variant": ["inpaint"]}, [{"variant": "inpaint"}], True),
        ({"ui_model_variant": ["inpaint"]}, [{"variant": None}], True),
        ({"ui_model_variant": ["inpaint"]}, [{}], True),
        ({"ui_model_provider_id": ["openai"]}, [{"provider_id": "gemini"}], False),
        ({"ui_model_provider_id": ["openai"]}, [{}], False),
        ({"ui_model_base": ["sd-1"], "ui_model_type": ["main"], "ui_model_format": ["y"]}, [{}], False),
        ({"ui_type": "SDXLMainModelField"}, [{}], False),
        ({"ui_type": "MainModelField"}, [{}], True),
        ({"ui_type": "DEPRECATED_VAEModelField"}, [{}], False),
        ({"ui_type": "SomeModelField"}, [{}], True),
        ({}, [{}], True),
    ],
)
def test_every_word_of_a_filter_counts(
    words: dict[str, Any], records: list[dict[str, Any]], fits: bool, server: FakeServer
) -> None:
    listed = [model("Only", "sd-1", "main", **more) for more in records]
    server.answer("GET", "/api/v2/models/", as_json({"models": listed}))
    with InvokeAI(server.url, check="off") as client:
        if fits:
            client.submit(filtered(**words)(mine="Only"))
            assert sent_model(server)["name"] == "Only"
        else:
            with pytest.raises(ModelNotAccepted, match=r'^A\.mine \("Mine"\)'):
                client.submit(filtered(**words)(mine="Only"))
            assert not server.sent("POST")


def test_a_part_of_a_model_counts_as_its_own_type(server: FakeServer) -> None:
    vae = filtered(ui_model_type=["vae"])
    with InvokeAI(server.url, check="off") as client:
        client.submit(vae(mine=ModelRef(name="Small", submodel_type="vae")))
        assert sent_model(server)["submodel_type"] == "vae"
        for part in (None, "unet"):
            with pytest.raises(ModelNotAccepted):
                client.submit(vae(mine=ModelRef(name="Small", submodel_type=part)))


def test_of_two_models_of_one_name_the_one_that_fits_is_taken(server: FakeServer, catalog: Catalog) -> None:
    with InvokeAI(server.url, check="off") as client:
        client.submit(loader(catalog)(the_model="Twin"))
        assert sent_model(server)["key"] == "twin-sd-1-main"
        with pytest.raises(ModelNotFound, match="more than one model is called"):
            client.submit(filtered()(mine="Twin"))
        # None of them fits: it is the choice between them that cannot be made.
        with pytest.raises((ModelNotFound, ModelNotAccepted), match="Twin"):
            client.submit(filtered(ui_model_type=["vae"])(mine="Twin"))


def test_every_lora_of_a_list_is_checked(server: FakeServer) -> None:
    prop = {"$ref": "#/components/schemas/LoRAField"}
    fields = {
        "loras": {
            "anyOf": [prop, {"type": "array", "items": prop}],
            "field_kind": "input",
            "ui_model_base": ["sd-1"],
            "ui_model_type": ["lora"],
        }
    }
    export = workflow(node("m", "load", {"loras": []}, visible=True), form=form("m.loras"))
    made = class_of(resolved(export, Catalog(document(invocation("load", fields))))[0])
    with InvokeAI(server.url, check="off") as client:
        client.submit(made(loras=[LoRA("Style"), LoRA("Twin", 0.5)]))
        assert [v["lora"]["key"] for v in sent_model(server, "loras")] == ["style-sd-1-lora", "twin-sd-1-lora"]
        for wrong in (LoRA("Big style"), [LoRA("Style"), LoRA("Big style")]):
            with pytest.raises(ModelNotAccepted, match=r'"Big style" \(base sdxl, type lora\) does not fit'):
                client.submit(made(loras=wrong))
    assert len(server.sent("POST")) == 1


def test_a_filter_in_words() -> None:
    assert str(ModelFilter(types=("lora",))) == "lora models"
    assert str(ModelFilter(bases=("a", "b", "c"))) == "any models of base a, b or c"
    full = ModelFilter(("a",), ("t", "u"), ("v",), ("f",), ("p",))
    assert str(full) == "t or u models of base a of variant v in the format f of the provider p"


def test_a_filter_of_strangers_stays_text() -> None:
    made = filtered(ui_model_base=['"""', "'); print('pwned", "\n"], ui_model_type=["\\"])
    (slot,) = (s for s in made.__flowbind__.slots if s.attribute)
    assert slot.accepts == ModelFilter(bases=('"""', "'); print('pwned", "\n"), types=("\\",))


def test_none_is_no_model(catalog: Catalog) -> None:
    with pytest.raises(InputError):
        loader(catalog)(the_model=None)
    assert only(resolved(workflow(picture(), node("m", "main_model_loader", {"model": given()})), catalog)[1], "FB209")
