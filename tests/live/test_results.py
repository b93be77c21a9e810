"""What a run on a real server gives besides its pictures, and models that an input does not take."""

from __future__ import annotations

import json

import pytest
from generated import ContactSheet, RegionCaption, TextToImageSd15, TextToImageSdxl
from generated.field_types import Ideogram4Region

from flowbind.errors import ModelNotAccepted, NoOutput
from flowbind.invokeai import InvokeAI, ModelRef
from live_tools import Live


def test_a_text_is_an_output_and_objects_are_inputs(client: InvokeAI) -> None:
    workflow = RegionCaption(prompt="a bay")
    workflow.regions.append(Ideogram4Region(prompt="a red boat", bbox=[600, 100, 900, 400]))
    caption = json.loads(client.run(workflow).outputs.caption)
    assert caption["high_level_description"] == "a bay"
    (element,) = caption["compositional_deconstruction"]["elements"]
    assert (element["desc"], element["bbox"]) == ("a red boat", [600, 100, 900, 400])


def test_every_node_can_be_asked(client: InvokeAI) -> None:
    result = client.run(ContactSheet(count=2))
    assert [picture.name for picture in result.outputs.frame] == [p.name for p in result.node("Frame").image]
    ground = result.node("Ground")
    assert ground.image.bytes().startswith(b"\x89PNG")
    assert (ground.image.width, ground.image.height) == (ground.width, ground.height)
    assert result.node("iterate").index == [0, 1]
    with pytest.raises(NoOutput, match='has no node "Grownd"; there are Ground'):
        result.node("Grownd")


def test_a_model_of_another_base_is_refused_before_anything_is_queued(client: InvokeAI, live: Live) -> None:
    before = live.newest_item()
    tiny = live.model["name"]
    with pytest.raises(ModelNotAccepted, match="the input takes main models of base sdxl") as caught:
        client.submit(TextToImageSdxl(model=tiny))
    assert str(caught.value).startswith("TextToImageSdxl.model")
    assert f'"{tiny}" (base sd-1, type main)' in str(caught.value)
    assert live.newest_item() == before
    assert client.submit(TextToImageSd15(model=ModelRef(key=live.model["key"]), steps=1, width=64, height=64)).cancel()
