"""Since which release the quick helpers work, by the documents of real releases; docs/server.md says the same."""

from __future__ import annotations

from typing import Any

import pytest

from flowbind.drift import workflow_drift
from flowbind.invokeai.quick import workflows
from flowbind.invokeai.schema.served import ServedNodes
from flowbind.pinned import entry_of_class

from .documents import needs_documents, release, release_names

pytestmark = needs_documents

SINCE = {
    "CopyImage": "5.8.1",
    "ImageToImageFlux": "6.10.0",
    "ImageToImageSd": "5.0.2",
    "ImageToImageSdxl": "5.0.2",
    "TextToImageCogview4": "5.10.1",
    "TextToImageFlux": "6.10.0",
    "TextToImageSd": "5.0.2",
    "TextToImageSd3": "5.6.2",
    "TextToImageSdxl": "5.0.2",
    "Upscale": "5.0.2",
    "UpscaleWithModel": "5.0.2",
}


def parts_of(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@pytest.mark.parametrize("name", [name for name in workflows.__all__ if not name.endswith("Outputs")])
def test_since_which_release_a_workflow_runs(name: str) -> None:
    made: Any = getattr(workflows, name)
    running = []
    for version in release_names():
        served = ServedNodes(release(version).document)
        found = workflow_drift(made.__flowbind__.source, entry_of_class(made), served)
        if not [finding for finding in found if finding.severity == "error"]:
            running.append(parts_of(version))
    since = parts_of(SINCE[name])
    assert sorted(running) == sorted(v for v in map(parts_of, release_names()) if v >= since)
