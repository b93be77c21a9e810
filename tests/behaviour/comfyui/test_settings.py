"""`--set` for the inputs of ComfyUI workflows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flowbind.comfyui import RANDOM
from flowbind.errors import InputError
from flowbind_generator.comfyui.settings import parse_setting
from flowbind_generator.ir import Input, RandomRange


def an_input(kind: str, field_type: str, **more: Any) -> Input:
    """Return an input of a kind and type."""
    told: dict[str, Any] = {"required": False, "default": None, "default_code": None, "doc": "", "json_pointer": ""}
    names = {"attribute": "it", "index": 0, "label": "It", "node_id": "1", "node_type": "A", "field_name": "it"}
    types = {"field_type": field_type, "cardinality": "single", "kind": kind, "annotation": "Any", "jsonpath": ""}
    return Input(**{**told, **names, **types, **more})


SEED = an_input("value", "INT", random=RandomRange(0, 2**64 - 1, 1))
CHOICES = an_input("value", "COMBO", choices=("euler", "1", 2, 2.5, True))


@pytest.mark.parametrize(
    ("item", "text", "wanted"),
    [
        (an_input("text", "STRING"), "{a|b}", "{a|b}"),
        (an_input("pattern", "STRING"), "12", "12"),
        (an_input("value", "STRING"), "null", "null"),
        (an_input("model", "COMBO"), "1.5", "1.5"),
        (SEED, "18446744073709551615", 2**64 - 1),
        (SEED, "random", RANDOM),
        (SEED, "Random", RANDOM),
        (SEED, "much", "much"),
        (an_input("value", "INT"), "random", "random"),
        (an_input("value", "FLOAT"), "7", 7.0),
        (an_input("value", "FLOAT"), "true", True),
        (an_input("value", "BOOLEAN"), "false", False),
        (an_input("value", "FLOAT"), "null", None),
        (CHOICES, "euler", "euler"),
        (CHOICES, "1", "1"),
        (CHOICES, "2", 2),
        (CHOICES, "2.5", 2.5),
        (CHOICES, "true", True),
        (CHOICES, "eule", "eule"),
        (an_input("wrapped", "COLORS"), '["#fff"]', ["#fff"]),
        (an_input("image", "COMBO"), "on_the_server.png", "on_the_server.png"),
        (an_input("image", "COMBO"), "7", "7"),
    ],
)
def test_what_a_setting_means(item: Input, text: str, wanted: Any) -> None:
    value = parse_setting(item, text)
    assert value == wanted
    assert type(value) is type(wanted)


def test_a_file_of_this_machine_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"")
    for kind in ("image", "audio", "video", "model_3d", "file"):
        assert parse_setting(an_input(kind, "COMBO"), str(file)) == file


def test_a_list_that_is_no_json_is_refused() -> None:
    with pytest.raises(InputError, match=r'^it \("It"\) takes a list or an object in JSON, which this is not: #fff\.$'):
        parse_setting(an_input("wrapped", "COLORS"), "#fff")
