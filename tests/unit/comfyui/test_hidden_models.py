"""Models that a workflow names by their names alone: one in place of another is told."""

from __future__ import annotations

from typing import Any

from tests.unit.comfyui.given_prompts import catalog_of, prompt_of, told

from flowbind_generator.comfyui.uses import named_things
from flowbind_generator.drift.model_drift import hidden_models

CATALOG = catalog_of(Loader=told({"ckpt_name": [["a.safetensors"], {}]}, gives=["MODEL"]))
WHERE = {"source": "workflows/poster.json", "class_name": "Poster"}


def named(value: str) -> list[dict[str, Any]]:
    """Return what a workflow names whose only node loads a model."""
    return named_things(prompt_of({"1": {"class_type": "Loader", "inputs": {"ckpt_name": value}}}), CATALOG)


def test_another_model_is_told() -> None:
    (found,) = hidden_models(named("a.safetensors"), named("b.safetensors"), [], WHERE)
    assert (found.rule, found.severity, found.place) == ("MODEL_REPICKED", "warning", "Loader.ckpt_name")
    assert 'The model is "b.safetensors" now, not "a.safetensors".' in str(found)


def test_the_same_model_is_not_told_nor_one_that_is_public() -> None:
    assert list(hidden_models(named("a.safetensors"), named("a.safetensors"), [], WHERE)) == []
    public = [{"node_id": "1", "field_name": "ckpt_name"}]
    assert list(hidden_models(named("a.safetensors"), named("b.safetensors"), public, WHERE)) == []
