"""SARIF reports, held to the official schema: `sarif/sarif-schema-2.1.0.json` (or .gz) in the folder of shared data."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from tests.unit.findings import SAMPLE, checks

from flowbind_generator.checked import Checked
from flowbind_generator.reports.sarif import as_sarif

from .shared import SHARED

SCHEMA = SHARED / "sarif" / "sarif-schema-2.1.0.json"
PACKED = SCHEMA.with_suffix(".json.gz")

pytestmark = pytest.mark.skipif(not (SCHEMA.is_file() or PACKED.is_file()), reason="the SARIF schema is not here")


@pytest.fixture(scope="module")
def official() -> Draft4Validator:
    """The schema of OASIS."""
    text = SCHEMA.read_bytes() if SCHEMA.is_file() else gzip.decompress(PACKED.read_bytes())
    return Draft4Validator(json.loads(text), format_checker=Draft4Validator.FORMAT_CHECKER)


def test_the_sample_fits(official: Draft4Validator) -> None:
    official.validate(json.loads(as_sarif(SAMPLE)))
    official.validate(json.loads(as_sarif(Checked(("files",), {}))))


@given(one=checks)
def test_anything_fits(official: Draft4Validator, one: Checked) -> None:
    official.validate(json.loads(as_sarif(one)))
