"""The base of classes generated from InvokeAI's workflows."""

from __future__ import annotations

from flowbind.workflow import OutputsT, Workflow


class InvokeAIWorkflow(Workflow[OutputsT]):
    """One run of a workflow drawn in InvokeAI: hand an instance to `InvokeAI.run` or `InvokeAI.submit`."""
