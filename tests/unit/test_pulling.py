"""What the file of a pulled workflow is called: like the workflow, and never anything that leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind_generator.invokeai.pulling import file_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Text to Image - SDXL", "text_to_image_sdxl"),
        ("../../../etc/passwd", "etc_passwd"),
        ("C:\\evil\\..", "c_evil"),
        ("NUL", "nul_"),
        ("com1", "com1_"),
        ("openapi", "openapi_workflow"),
        ("class", "class_"),
        ("3D", "workflow_3d"),
        ("...", "workflow"),
        ("", "workflow"),
        ("a\0b\n\u202e", "a_b"),
    ],
)
def test_names_of_files(name: str, stem: str) -> None:
    assert file_stem(name) == stem


@given(st.text(max_size=400))
def test_any_name_gives_a_file_of_the_folder(name: str) -> None:
    stem = file_stem(name)
    assert stem.isidentifier()
    assert Path(f"{stem}.json").name == f"{stem}.json"
    assert len(f".{stem}.workflow.json.00000000.part".encode()) <= 255
