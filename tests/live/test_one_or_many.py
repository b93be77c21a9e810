"""One or many, and what may not run: what the classes say is what a real server does, for real files and small ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from tests.fidelity.building import build
from tests.fidelity.one_or_many import as_json, differences
from tests.fidelity.runs import corpus_outcomes, session_of
from tests.fidelity.sessions import ran_in
from tests.fidelity.shared import needs_shared
from tests.fidelity.tables import Aside
from tests.unit.exports import as_bytes

from examples_of_branches import BRANCHES, RETURNS
from examples_of_loops import LOOPS, VALUES
from flowbind.errors import NoOutput
from flowbind.invokeai import Image, InvokeAI, ModelRef, Result
from flowbind.workflow import Workflow
from flowbind_generator.invokeai.catalog import Catalog
from live_tools import Live

EXAMPLES = LOOPS | VALUES | BRANCHES | RETURNS


@dataclass(frozen=True)
class Ended:
    """The runs of an example, with their sessions."""

    made: type[Workflow[Any]]
    runs: list[tuple[Result[Any], Mapping[str, Any]]]


@pytest.fixture(scope="module")
def ended(live: Live, catalog: Catalog) -> dict[str, Ended]:
    """All examples, queued together and run."""
    assert len(EXAMPLES) == sum(map(len, (LOOPS, VALUES, BRANCHES, RETURNS)))
    found: dict[str, Ended] = {}
    with InvokeAI(live.url) as client:
        jobs = {}
        for name, example in EXAMPLES.items():
            built = build(as_bytes(example.export), catalog, name)
            assert built.module is not None, built.refusal
            # The one that needs a model.
            required = {i.attribute: ModelRef(**live.model) for i in built.module.inputs if i.required}
            jobs[name] = client.submit(built.made(**required))
        for name, job in jobs.items():
            results = job.wait(60)
            runs = [(r, session_of(client, r)) for r in (results if isinstance(results, list) else [results])]
            found[name] = Ended(job.workflow, runs)
    return found


def shown(value: Any) -> Any:
    """Return a value of an output as the examples write it."""
    if isinstance(value, Image):
        return (value.width, value.height) if value.width else "a picture"
    return [shown(item) for item in value] if isinstance(value, list) else as_json(value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gives_what_the_server_gives(name: str, ended: dict[str, Ended]) -> None:
    example, done = EXAMPLES[name], ended[name]
    assert [{k: shown(v) for k, v in vars(r.outputs).items()} for r, _ in done.runs] == list(example.gives)
    for result, session in done.runs:
        assert not differences(done.made, result, session)
        assert {node_id for node_id, node in ran_in(session).items() if not node.results} == example.idle


def test_a_node_is_found_by_its_label(ended: dict[str, Ended]) -> None:
    ((looped, _),) = ended["a value in an iteration"].runs
    assert looped.node("Sum").value == [13, 11, 12]
    ((once, _),) = ended["numbers and texts at the end"].runs
    assert (once.node("Sum").value, once.node("Half").value, once.node("string_join").value) == (5, 0.5, "ab")
    ((chosen, _),) = ended["the true branch"].runs
    assert chosen.node("Day").image == chosen.outputs.day
    with pytest.raises(NoOutput, match='"Night" did not run'):
        chosen.node("Night")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("an iteration", {"repeated": False}),
        ("an iteration", {"many": False}),
        ("numbers and texts at the end", {"repeated": True}),
        ("prompts", {"many": False}),
        ("the true branch", {"optional": False}),
        ("loops side by side", {"node": "i"}),
    ],
)
def test_a_class_that_said_otherwise_would_be_found(
    name: str, changes: Mapping[str, Any], ended: dict[str, Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ended[name].made
    wrong = replace(made.__flowbind__, outputs=tuple(replace(o, **changes) for o in made.__flowbind__.outputs))
    monkeypatch.setattr(made, "__flowbind__", wrong)
    ((result, session),) = ended[name].runs
    assert differences(made, result, session)


@needs_shared
def test_real_files(live: Live, client: InvokeAI, catalog: Catalog) -> None:
    found = corpus_outcomes(client, catalog, ModelRef(**live.model))
    counted = {name: said for name, said in found.items() if not isinstance(said, Aside)}
    assert len(counted) >= 14
    assert not [f"{name}: {said}" for name, said in counted.items() if said]
