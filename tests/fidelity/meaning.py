"""Which values the raw schema of an input allows: what JSON Schema says, and the limits that it does not know."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from .reading import Exposed, Reading, parts

_PYDANTIC_ONLY = frozenset({"ge", "gt", "le", "lt"})


class Meaning:
    """What the document says of the values of one input."""

    def __init__(self, case: Exposed, reading: Reading) -> None:
        # The document's own schemas come along, because the input's refers to them.
        self._schema = Draft202012Validator({**case.schema, "components": case.release.document["components"]})
        self._reading = reading
        self._is_bounded_as_a_whole = any(_PYDANTIC_ONLY & part.keys() for part in parts(case.schema))

    def allows(self, value: Any) -> bool:
        """Tell whether an input may have a value."""
        if not self._schema.is_valid(value):
            return False
        if isinstance(value, list):
            # The server compares the list itself with a bound that pydantic wrote beside a union, and fails.
            return not self._is_bounded_as_a_whole and self._is_long_enough(len(value))
        return not self._is_bounded_as_a_whole or self._fits(value)

    def _is_long_enough(self, length: int) -> bool:
        # The length around a union is that of texts for JSON Schema, that of lists for the server.
        least, most = self._reading["min_items"], self._reading["max_items"]
        return (least is None or length >= least) and (most is None or length <= most)

    def _fits(self, value: float) -> bool:
        low, high = self._reading["minimum"], self._reading["maximum"]
        above, below = self._reading["exclusive_minimum"], self._reading["exclusive_maximum"]
        return (
            (low is None or value >= low)
            and (high is None or value <= high)
            and (above is None or value > above)
            and (below is None or value < below)
        )
