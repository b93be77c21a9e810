"""What checks have found: a sample of every shape, and strategies of anything that strangers may write."""

from __future__ import annotations

from typing import get_args

from hypothesis import strategies as st

from flowbind.findings import SEVERITIES, Finding
from flowbind_generator.checked import Change, Checked, InputChange, Question
from flowbind_generator.diagnostics import CODES
from flowbind_generator.rules import all_rules

TEXT_TO_IMAGE = "workflows/text_to_image.json"
POSTER = "workflows/poster.json"
_ADDED = "Generate again to use it."

SAMPLE = Checked(
    questions=("files", "server"),
    workflows={TEXT_TO_IMAGE: "TextToImage", POSTER: "Poster", "workflows/quiet.json": "Quiet"},
    findings=(
        Finding("APP_VERSION_CHANGED", "info", "The server is 6.14.2.", "Nothing.", old="6.13.8", new="6.14.2"),
        Finding("FILE_STALE", "error", "The file is stale.", "Generate.", "generated/poster.py"),
        Finding("FB301", "error", "No such node type.", "Install the pack.", POSTER, place="/nodes/3"),
        Finding("ENUM_VALUE_ADDED", "info", "New choices.", _ADDED, TEXT_TO_IMAGE, "TextToImage", "scheduler"),
        Finding("ENUM_VALUE_ADDED", "info", "New choices.", _ADDED, TEXT_TO_IMAGE, "TextToImage", "refiner"),
        Finding("RANGE_NARROWED", "warning", "Less.", "Look.", TEXT_TO_IMAGE, "TextToImage", "cfg", "d.cfg", 0, 1),
        Finding("NODE_REMOVED", "error", "It is gone.", "Replace it.", TEXT_TO_IMAGE, "TextToImage", None, "canny"),
    ),
    inputs=(
        InputChange(POSTER, "prompt", 0, "Prompt", ("unchanged",)),
        InputChange(POSTER, "steps", 1, "Steps", ("moved", "relabelled")),
        InputChange(POSTER, "seed", None, "Seed", ("missing",)),
    ),
)

# Text that formats must not obey, and any other, lone surrogates included.
_HOSTILE = (
    "\n::error::x",
    "]]>",
    "%0A%",
    "\x1b[2J\x00",
    "\u202e\u2028\x85\x0b",
    "\ud800",
    "\ufffe\uffff",
    "<a&b>",
    "[x](http://y)",
    "{0}",
    ", title=x::",
)
texts = st.one_of(st.sampled_from(_HOSTILE), st.text(), st.text(st.characters(categories=["Cs", "Cc", "Cf", "Zl"])))
_named = st.none() | texts
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
_found = st.builds(
    Finding,
    rule=st.sampled_from([*all_rules(), *CODES]),
    severity=st.sampled_from(SEVERITIES),
    cause=texts,
    cure=texts,
    source=texts,
    class_name=_named,
    attribute=_named,
    place=_named,
    old=_values,
    new=_values,
)
_changes = st.just(("unchanged",)) | st.lists(
    st.sampled_from(get_args(Change)[1:]), min_size=1, max_size=2, unique=True
).map(tuple)
_input = st.builds(
    InputChange, source=texts, attribute=texts, index=st.none() | st.integers(0, 99), label=texts, changes=_changes
)

checks = st.builds(
    Checked,
    questions=st.lists(st.sampled_from(get_args(Question)), min_size=1, unique=True).map(tuple),
    workflows=st.dictionaries(texts, texts, max_size=3),
    findings=st.lists(_found, max_size=4).map(tuple),
    inputs=st.lists(_input, max_size=3).map(tuple),
)
