"""Values of inputs outlive their client: they can be copied and stored."""

from __future__ import annotations

import copy
import pickle

import pytest

from flowbind.invokeai import Color, Image, InvokeAI, LoRA, ModelRef


@pytest.fixture
def picture() -> Image:
    return Image("a.png", 64, 32, InvokeAI("http://127.0.0.1:1").images)


def test_a_picture_can_be_copied_with_its_client(picture: Image) -> None:
    assert copy.deepcopy(picture).source is picture.source


def test_a_picture_from_a_pickle_is_its_name(picture: Image) -> None:
    again = pickle.loads(pickle.dumps(picture))
    assert (again, again.source) == (picture, None)
    with pytest.raises(TypeError, match=r"server\.images\.save"):
        again.save("x.png")


@pytest.mark.parametrize("value", [Color(1, 2, 3), ModelRef("m", "sd-1"), LoRA("l", 0.5)])
def test_other_values_can_be_stored(value: object) -> None:
    assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value
