"""What flowbind says of an input, and what its class takes, against the independent reading of the document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flowbind_generator.invokeai.catalog import Catalog
from flowbind_generator.ir import Input

from .building import Built
from .limit_values import is_limited, takes, values_around
from .lone_nodes import LONE, alone
from .meaning import Meaning
from .model_filters import accepted_models, as_filter
from .reading import Exposed, Reading, read
from .tables import A_LIST_FOR_A_GENERATOR, Known

_misjudged: dict[tuple[str, ...], list[str]] = {}


def is_typed_as_read(case: Exposed, _: Catalog) -> str | None:
    """Compare type, choices, bounds and models of an input, then which values around its limits are taken."""
    built = alone(case.release, case.node_type)
    item = built.input_at(LONE, case.name)
    if item is None or item.index is None:
        return f"it is no input; {built.refusal}"
    reading = read(case.schema)
    if case.is_generator:
        # It stands for the list of the batch node that it feeds.
        reading |= {"cardinality": "list", "min_items": _least_items(case)}
    wrong = list(_untold(case, reading, item))
    if is_limited(reading) and not case.is_generator:
        wrong += _misjudged_values(case, reading, built, item)
    if wrong:
        return "; ".join(wrong)
    return Known(A_LIST_FOR_A_GENERATOR) if case.is_generator else None


def _untold(case: Exposed, reading: Reading, item: Input) -> Iterator[str]:
    """Yield what flowbind tells otherwise than the document."""
    told = item.as_json()
    for word, expected in reading.items():
        # Choices are compared in order and by type, bounds as numbers.
        same = _code(told.get(word)) == _code(expected) if word == "choices" else told.get(word) == expected
        if not same:
            yield f"{word} is {_code(told.get(word))}, in the document {_code(expected)}"
    accepted, mine = accepted_models(case.schema), as_filter(told.get("models"))
    if mine != accepted:
        yield f"models is {_code(mine)}, in the document {_code(accepted)}"


def _misjudged_values(case: Exposed, reading: Reading, built: Built, item: Input) -> list[str]:
    """Return which values the class takes and the document does not allow, or the other way round."""
    # Releases share most inputs: one schema and one annotation need one look.
    schema = {key: value for key, value in case.schema.items() if key not in ("title", "description")}
    key = (_code(schema), item.annotation, case.release.name if "$ref" in _code(schema) else "")
    if key not in _misjudged:
        _misjudged[key] = list(_compared(case, reading, built, item))
    return _misjudged[key]


def _compared(case: Exposed, reading: Reading, built: Built, item: Input) -> Iterator[str]:
    meaning = Meaning(case, reading)
    for value in values_around(reading):
        if takes(built.made, item.attribute, value) != (allowed := meaning.allows(value)):
            yield f"{_code(value)} is {'refused' if allowed else 'taken'}"


def _least_items(case: Exposed) -> int | None:
    batch = case.release.nodes[case.node_type.replace("_generator", "_batch")]
    (items,) = case.release.outputs(case.node_type)
    least: int | None = read(batch["properties"][items])["min_items"]
    return least


def _code(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
