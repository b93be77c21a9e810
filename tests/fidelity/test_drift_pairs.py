"""Drift of real workflows, against an independent reading of the documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from . import drift_pairs
from .documents import needs_documents, release
from .drift_pairs import Compared, compared, is_right
from .edge_rule import takes_edge
from .shared import needs_shared
from .tables import Known

pytestmark = [needs_documents, needs_shared]


@pytest.mark.parametrize(
    ("outcomes", "count"),
    [(drift_pairs.outcomes, 2507), (drift_pairs.error_outcomes, 386), (drift_pairs.made_up_outcomes, 3591)],
)
def test_drift_tells_what_breaks_and_nothing_else(outcomes: Callable[[], Mapping[str, str | None]], count: int) -> None:
    found = outcomes()
    wrong = [f"{case}: {said}" for case, said in found.items() if said and not isinstance(said, Known)]
    assert not wrong, "\n".join(wrong)
    assert len(found) == count


@pytest.fixture
def broken() -> Compared:
    """A workflow that the next release breaks."""
    return next(case for case in compared("6.14.0", "6.13.8") if any(e.rule == "INPUT_REMOVED" for e in case.errors))


def test_an_error_that_is_not_told_is_found(broken: Compared) -> None:
    error = broken.errors[0]
    fewer = [one for one in broken.findings if one.place != error.place]
    assert (is_right(replace(broken, findings=fewer)) or "").startswith("missed: ")


def test_an_error_that_is_none_is_found(broken: Compared) -> None:
    assert (is_right(replace(broken, broken=set())) or "").startswith("not so: ")


def test_a_finding_of_what_is_not_used_is_found(broken: Compared) -> None:
    assert "not used: " in (is_right(replace(broken, places=set())) or "")


@pytest.mark.parametrize(
    ("output", "into", "is_taken"),
    [
        ("integer.value", "float_math.a", True),
        ("integer.value", "lscale.scale_factor", False),
        ("integer.value", "string_join.string_left", True),
        ("integer.value", "compel.prompt", True),
        ("float.value", "add.a", False),
        ("blank_image.image", "img_resize.image", True),
        ("blank_image.image", "l2i.latents", False),
        ("blank_image.image", "collect.item", True),
        ("collect.collection", "iterate.collection", True),
        ("iterate.item", "noise.seed", True),
        ("compel.conditioning", "denoise_latents.positive_conditioning", True),
        ("scheduler.scheduler", "denoise_latents.scheduler", True),
        ("scheduler.scheduler", "float_math.operation", False),
        ("string.value", "denoise_latents.scheduler", False),
    ],
)
def test_the_rule_for_edges_is_the_server_s(output: str, into: str, is_taken: bool) -> None:
    """As `are_connection_types_compatible` of InvokeAI 6.14.2 has it."""
    today = release("6.14.2")
    (source, name), (target, end) = output.split("."), into.split(".")
    assert takes_edge(today.outputs(source)[name], today.nodes[target]["properties"][end]) == is_taken
