"""The public names of `flowbind.comfyui`, and what importing them costs."""

from __future__ import annotations

import pytest
from tests.performance.test_imports import GENERATOR, HTTP, imported_by, packages

from flowbind import comfyui


def test_the_names_of_comfyui() -> None:
    assert sorted(comfyui.__all__) == [
        *("AsyncComfyUI", "AsyncFiles", "AsyncHistory", "AsyncJob", "AsyncManyJob", "AsyncModels", "AsyncQueue"),
        *("Audio", "AudioInput", "Binding", "ComfyUI", "ComfyUIWorkflow", "File", "FileInput", "Files", "History"),
        *("HistoryItem", "Image", "ImageInput", "Job", "ManyJob", "Model3D", "Model3DInput", "Models"),
        *("OneOf", "OutputSlot", "Outputs", "Queue", "QueueItem", "QueueStatus", "RANDOM", "Random", "Result", "Slot"),
        *("StoredFile", "SystemStats", "UNSET", "Unset", "Video", "VideoInput", "dynamic", "fresh"),
    ]
    assert dir(comfyui) == sorted(comfyui.__all__)
    for name in comfyui.__all__:
        assert getattr(comfyui, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'run'"):
        _ = comfyui.run


def test_the_names_that_generated_classes_do_not_have() -> None:
    # One more would rename a class of somebody's.
    assert sorted(comfyui.RESERVED) == [
        *("AsyncComfyUI", "AsyncJob", "AsyncManyJob", "Audio", "AudioInput", "Binding", "ComfyUI", "ComfyUIWorkflow"),
        *("File", "FileInput", "Image", "ImageInput", "Job", "ManyJob", "Model3D", "Model3DInput", "OneOf"),
        *("OutputSlot", "Outputs", "RANDOM", "Random", "Result", "Slot", "UNSET", "Unset", "Video", "VideoInput"),
        "fresh",
    ]


def test_importing_needs_neither_generator_nor_http_nor_the_other_engine() -> None:
    modules = imported_by("import flowbind.comfyui")
    assert packages(modules) & (GENERATOR | HTTP) == set()
    assert not {name for name in modules if name.startswith("flowbind.invokeai")}
    assert "flowbind.comfyui.dynamic_text" not in modules
    assert "pydantic" in modules
