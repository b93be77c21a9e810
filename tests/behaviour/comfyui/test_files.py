"""Files of a server as values: how nodes call them, and what they are equal to."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbind.comfyui import Audio, File, Image, Model3D, Video
from flowbind.comfyui.files import Folder, StoredFile

NAMES: list[tuple[str, StoredFile]] = [
    ("a.png", Image("a.png")),
    ("sub/dir/a b.png", Image("a b.png", "sub/dir")),
    ("a.png [output]", Image("a.png", type="output")),
    ("previews/a.png [temp]", Image("a.png", "previews", "temp")),
    # As in the editor: a name that would be read as one in another folder says where it is.
    ("a [output] [input]", Image("a [output]")),
]


@pytest.mark.parametrize(("name", "image"), NAMES)
def test_how_nodes_call_a_file(name: str, image: Image) -> None:
    assert image.name == name
    assert Image.parse(name) == image


def test_what_is_read_otherwise_than_it_is_written() -> None:
    assert Image.parse("a.png [input]") == Image("a.png")
    assert Image.parse("a.png[output]") == Image("a.png[output]")
    assert Video.parse("a.mp4 [OUTPUT]") == Video("a.mp4 [OUTPUT]")


FOLDERS: st.SearchStrategy[Folder] = st.sampled_from(["input", "output", "temp"])


@given(st.text(min_size=1).filter(lambda name: "/" not in name), st.lists(st.text(min_size=1)).map("/".join), FOLDERS)
def test_what_is_written_is_read_back(filename: str, subfolder: str, folder: Folder) -> None:
    file = File(filename, subfolder.strip("/"), folder)
    assert File.parse(file.name) == file


def test_equal_is_the_same_file_of_the_same_kind() -> None:
    assert len({Image("a"), Image("a"), Image("a", "s"), Image("a", type="temp")}) == 3
    assert Image("a") != File("a")
    assert Audio("a") != Model3D("a")
    assert pickle.loads(pickle.dumps(Image("a", "s"))) == copy.deepcopy(Image("a", "s")) == Image("a", "s")


def test_what_names_no_file_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Image: filename is 'sub/a\.png', not the name of a file: .* `Image\.parse`"):
        Image("sub/a.png")
    with pytest.raises(ValueError, match="File: filename is ''"):
        File.parse("sub/ [output]")
    with pytest.raises(ValueError, match="Image: type is 'outbox', not input or output or temp"):
        Image("a.png", type="outbox")  # type: ignore[arg-type]
