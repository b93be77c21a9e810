"""The base of classes generated from ComfyUI's workflows."""

from __future__ import annotations

from flowbind.workflow import OutputsT, Workflow


class ComfyUIWorkflow(Workflow[OutputsT]):
    """One run of a workflow drawn in ComfyUI: hand an instance to `ComfyUI.run` or `ComfyUI.submit`."""

    __server__ = "ComfyUI"
