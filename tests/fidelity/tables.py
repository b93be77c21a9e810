"""Where flowbind does on purpose what the page does not (design, decision 6), each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .compare import Place


class Known(str):
    """Why a case differs, a line for each reason that a table gives: it is shown, and no failure."""

    __slots__ = ()


@dataclass(frozen=True)
class Difference:
    """The inputs of a record that differ, and why."""

    places: frozenset[Place] = field(default_factory=frozenset)
    why: str = ""


# Files that the page submits and flowbind refuses: the code, and why.
REFUSED: Mapping[str, tuple[str, str]] = {
    "node_id_duplicate": ("FB307", "the page silently drops one of two nodes with one id"),
}
# Inputs that the page posts differently.
DIFFERENT: Mapping[str, Difference] = {
    "core_metadata_extras": Difference(
        frozenset({("m", "zzz")}), "the page makes junk of an object; flowbind keeps it"
    ),
    "values_lists_odd": Difference(
        frozenset({("bc", "collection")}), "the page loses lists of booleans (contract, C2)"
    ),
}
_CONNECTOR = (
    "the page posts a batch to a connector, which the server refuses; flowbind to what it leads to (contract, C8)"
)
# Batches that the page posts to a connector.
THROUGH_CONNECTORS = dict.fromkeys(("batch_via_connector", "batch_via_connector_and_direct"), _CONNECTOR)
# Models that the page resets, because its server lacks them: flowbind looks each up at submit (decision 3).
RESET_BY_THE_PAGE: Mapping[str, Difference] = {
    "model_missing_on_server": Difference(
        frozenset({("m", "model")}), "the page resets a model that its server lacks; flowbind asks the server at submit"
    ),
}
# Files that the page refuses to load and flowbind reads.
LENIENT: Mapping[str, str] = {
    "form_bad_parent": "the walk of the form needs no parents, so the inputs are certain",
    "form_no_parent": "the walk of the form needs no parents, so the inputs are certain",
    "form_orphan_element": "an element that hangs on nothing shows nothing",
}
# Inputs that the class has otherwise than the document.
A_LIST_FOR_A_GENERATOR = "the page has a generator, the class takes the list that the batch gets (design, decision 9)"
# Values that the server takes for others.
COERCED = 'the server takes "5", 5.0 and true for numbers (contract, 3.4); the class is stricter'
# Values of which the server's code, and not its document, decides.
_WRAPPED = "the server takes a seed modulo 2^32; its document, and so the class, has bounds"
_OUTSIDE = "the server compares it with another input, by default 1; its document does not say so"
BEYOND_THE_DOCUMENT: Mapping[str, str] = {
    "noise.seed = -1": _WRAPPED,
    "noise.seed = 4294967296": _WRAPPED,
    "image_panel_layout.panel_col_idx = 1": _OUTSIDE,
    "image_panel_layout.panel_row_idx = 1": _OUTSIDE,
}


# Edges that drift does not judge.
CHOICES_ON_EDGES = "an edge from choices to fewer choices: drift takes all choices for one type"


class Aside(Known):
    """No case of a measure at all, and why."""

    __slots__ = ()
