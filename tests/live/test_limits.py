"""Values around the limits of all inputs on a real server: a class takes what the server takes. None of them runs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.fidelity.acceptance import Server
from tests.fidelity.documents import Release
from tests.fidelity.enforcement import Trial, outcomes, trials
from tests.fidelity.tables import BEYOND_THE_DOCUMENT, Known


@pytest.fixture(scope="module")
def tried(server: Server) -> list[Trial]:
    """All values, for the node types that the server has."""
    return list(trials(Release("the server", server.document())))


def test_the_classes_take_what_the_server_takes(tried: list[Trial], server: Server) -> None:
    found = outcomes(tried, server)
    wrong = [f"{name}: {said}" for name, said in found.items() if said and not isinstance(said, Known)]
    assert not wrong, "\n".join(wrong)
    assert found.keys() >= BEYOND_THE_DOCUMENT.keys()


def test_a_class_that_took_other_values_would_be_found(tried: list[Trial], server: Server) -> None:
    of_noise = [t for t in tried if t.case.place == "noise.width" and not t.coerced]
    assert {t.value: t.taken for t in of_noise} == {-8: False, -1: False, 0: False, 1: False, 4: False, 8: True}
    found = outcomes([replace(t, taken=not t.taken) for t in of_noise], server)
    assert list(found.values()) == [
        *["the server refuses it, the class does not"] * 5,
        "the server takes it, the class does not",
    ]


def test_a_value_on_which_the_server_fails_is_told_from_others(tried: list[Trial], server: Server) -> None:
    of_control = [t for t in tried if t.case.place in ("controlnet.control_weight", "controlnet.control_mode")]
    found = outcomes([replace(t, taken=False) for t in of_control], server)
    said = {name.partition(" = ")[2]: said for name, said in found.items()}
    assert said["2.0"] == "the server takes it, the class does not"
    assert said['"balanced"'] == "the server takes it, the class does not"
    assert said["[2.0]"] is None
    assert said['"no choice at all"'] is None
