"""The bases of classes generated from InvokeAI's workflows."""

from __future__ import annotations

from flowbind.workflow import OutputsT, Workflow


class InvokeAIWorkflow(Workflow[OutputsT]):
    """One run of a workflow drawn in InvokeAI: hand an instance to `InvokeAI.run` or `InvokeAI.submit`."""

    __server__ = "InvokeAI"


class InvokeAIBatchWorkflow(Workflow[OutputsT]):
    """The runs of a workflow with batch nodes: one for each combination of items, and a result for each."""

    __server__ = "InvokeAI"
