"""The public names, the twins, the tree of errors, and code that does not belong together."""

from __future__ import annotations

import importlib.util
import inspect
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import generated
import pytest

import flowbind
from flowbind import errors, events, invokeai
from flowbind.errors import InputError, InterfaceError
from flowbind.invokeai import (
    RANDOM,
    AsyncBatchJob,
    AsyncInstallJob,
    AsyncInvokeAI,
    AsyncJob,
    AsyncManyJob,
    BatchJob,
    Image,
    InstallJob,
    InvokeAI,
    Job,
    ManyJob,
    ModelFilter,
    Result,
    Video,
)
from flowbind.invokeai.runs.preview import preview

from .surface import check_docstring, check_twins, members

FOLDER = Path(generated.__file__).parent


def test_the_names_of_flowbind() -> None:
    assert flowbind.__all__ == [
        "RANDOM",
        "Fleet",
        "InputInfo",
        "LoadedWorkflow",
        "LocalServer",
        "Store",
        "__version__",
        "grid",
        "inputs",
        "load",
        "nodes",
        "random_seeds",
        "save",
        "zipped",
    ]
    assert dir(flowbind) == sorted(flowbind.__all__)
    for name in flowbind.__all__:
        assert getattr(flowbind, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'run'"):
        _ = flowbind.run


def test_the_names_of_invokeai() -> None:
    assert sorted(invokeai.__all__) == [
        "AsyncBatchJob",
        "AsyncBoards",
        "AsyncImages",
        "AsyncInstallJob",
        "AsyncInvokeAI",
        "AsyncJob",
        "AsyncLibrary",
        "AsyncManyJob",
        "AsyncModels",
        "AsyncQueue",
        "AsyncQuick",
        "AsyncVideos",
        "Batch",
        "BatchJob",
        "BatchStatus",
        "Binding",
        "Board",
        "Boards",
        "BoundingBox",
        "Color",
        "DeletedBoard",
        "DeletedModels",
        "DestinationCounts",
        "FoundModel",
        "Image",
        "ImageInput",
        "Images",
        "InstallJob",
        "InstallRecord",
        "InstalledModel",
        "InvokeAI",
        "InvokeAIBatchWorkflow",
        "InvokeAIWorkflow",
        "Job",
        "Library",
        "LibraryEntry",
        "LibraryWorkflow",
        "LoRA",
        "ManyJob",
        "ModelCacheStats",
        "ModelFilter",
        "ModelInput",
        "ModelRef",
        "Models",
        "OneOf",
        "OutputSlot",
        "Outputs",
        "ProcessorStatus",
        "Queue",
        "QueueCounts",
        "QueueItem",
        "QueueItemSummary",
        "QueueStatus",
        "Quick",
        "RANDOM",
        "Random",
        "Result",
        "Slot",
        "StoredImage",
        "StoredVideo",
        "UNSET",
        "Unset",
        "Video",
        "VideoInput",
        "Videos",
        "fresh",
    ]
    for name in invokeai.__all__:
        assert getattr(invokeai, name) is not None


def test_the_names_that_generated_classes_do_not_have() -> None:
    # One more would rename a class of somebody's.
    assert sorted(invokeai.RESERVED) == [
        *("AsyncBatchJob", "AsyncInvokeAI", "AsyncJob", "AsyncManyJob", "Batch", "BatchJob", "Binding", "BoundingBox"),
        *("Color", "Image", "ImageInput", "InvokeAI", "InvokeAIBatchWorkflow", "InvokeAIWorkflow", "Job", "LoRA"),
        *("ManyJob", "ModelFilter", "ModelInput", "ModelRef", "OneOf", "OutputSlot", "Outputs", "RANDOM", "Random"),
        *("Result", "Slot", "UNSET", "Unset", "Video", "VideoInput", "fresh"),
    ]


def test_the_names_of_events() -> None:
    public = [n for n, v in vars(events).items() if inspect.isclass(v) and v.__module__ == events.__name__]
    public = [name for name in public if not name.startswith("_")]
    assert sorted(public) == ["Failed", "Finished", "NodeFinished", "Preview", "Progress", "Queued", "Started"]
    assert events.Event


CLIENT = [
    *(
        "account",
        "boards",
        "close",
        "from_env",
        "images",
        "is_alive",
        "library",
        "metrics",
        "models",
        "perform",
        "queue",
        "quick",
        "request",
        "run",
        "run_many",
        "stream",
        "submit",
    ),
    *("submit_many", "supports", "url", "version", "videos"),
]
JOB = ["cancel", "events", "refresh", "status", "wait"]
MANY = ["batch_ids", "cancel", "item_ids", "refresh", "results", "status", "wait"]
GALLERY = ["delete", "delete_uncategorized", "get", "graph", "list", "metadata", "names", "search", "star", "unstar"]
GALLERY += ["update", "workflow"]
CONTENTS = ["bytes", "save", "thumbnail", "upload"]
BOARDS = ["by_name", "copy", "create", "delete", "get", "image_names", "images", "list", "move", "move_videos"]
BOARDS += ["remove", "remove_videos", "rename", "uncategorized", "update", "upload", "videos"]
INSTALL = [
    *("bytes_done", "bytes_total", "cancel", "id", "model", "pause", "refresh", "resume", "source", "status", "wait")
]
HANDLES: dict[str, list[str]] = {
    "Boards": BOARDS,
    "Images": sorted([*GALLERY, *CONTENTS, "delete_intermediates", "download", "intermediates", "open"]),
    "Library": ["check", "delete", "get", "list", "save", "share", "tags", "unshare", "update"],
    "Models": [
        *("by_attributes", "by_hash", "convert", "delete", "empty_cache", "find", "get", "hugging_face_login"),
        *("install", "install_job", "installs", "list", "log_in_to_hugging_face", "log_out_of_hugging_face"),
        *("missing", "prune_installs", "reidentify", "scan_folder", "stats", "update"),
    ],
    "Queue": [
        *("batch", "batch_job", "batches", "by_ids", "cancel", "cancel_all_except_current", "cancel_batch"),
        *("cancel_destination", "clear", "counts", "current", "delete", "delete_all_except_current"),
        *("delete_destination", "get", "job", "list", "next", "pause", "prune", "resume", "retry", "status"),
        "wait_until_idle",
    ],
    "Quick": ["copy_image", "image_to_image", "text_to_image", "upscale"],
    "Videos": sorted([*GALLERY, *CONTENTS]),
}
TWINS = [(getattr(invokeai, name), getattr(invokeai, f"Async{name}")) for name in HANDLES]


@pytest.mark.parametrize(
    ("owner", "names"),
    [
        *((owner, CLIENT) for owner in (InvokeAI, AsyncInvokeAI)),
        *((owner, JOB) for owner in (Job, AsyncJob, BatchJob, AsyncBatchJob)),
        *((owner, MANY) for owner in (ManyJob, AsyncManyJob)),
        *((owner, INSTALL) for owner in (InstallJob, AsyncInstallJob)),
        *((owner, names) for twins, names in zip(TWINS, HANDLES.values(), strict=True) for owner in twins),
        (events.Preview, ["bytes", "save"]),
        (Image, ["bytes", "height", "open", "save", "source", "width"]),
        (Video, ["bytes", "save", "source"]),
        (Result, ["node", "server"]),
    ],
)
def test_the_members(owner: type[Any], names: list[str]) -> None:
    assert members(owner) == names


TALKING = (
    *(InvokeAI, AsyncInvokeAI, Image, Video),
    *(owner for twins in TWINS for owner in twins),
    *(Job, AsyncJob, BatchJob, AsyncBatchJob, ManyJob, AsyncManyJob, InstallJob, AsyncInstallJob),
)
QUIET = (events.Preview, Result, ModelFilter, flowbind.LocalServer)
FUNCTIONS = [
    *((f"{owner.__name__}.{name}", getattr(owner, name)) for owner in (*TALKING, *QUIET) for name in members(owner)),
    *((name, getattr(flowbind, name)) for name in flowbind.__all__),
    ("fresh", invokeai.fresh),
]


@pytest.mark.parametrize(("name", "function"), [pytest.param(n, f, id=n) for n, f in FUNCTIONS if inspect.isroutine(f)])
def test_what_is_public_says_what_it_raises_and_asks(name: str, function: Any) -> None:
    asks = any(name.startswith(f"{owner.__name__}.") for owner in TALKING) and not name.endswith(".from_env")
    check_docstring(name, function, asks=asks)


def test_the_names_of_errors() -> None:
    public = [n for n, v in vars(errors).items() if inspect.isclass(v) and v.__module__ == errors.__name__]
    assert sorted(public) == [
        "BatchFailed",
        "BoardNotFound",
        "ClientClosed",
        "ConnectionBroken",
        "DriftError",
        "DriftWarning",
        "ExportNotFound",
        "FlowbindError",
        "Forbidden",
        "ImageNotFound",
        "InputError",
        "InstallError",
        "InstallFailed",
        "InstallTimeout",
        "InterfaceError",
        "InvalidExport",
        "InvalidPath",
        "LocalServerError",
        "LookupFailed",
        "ModelNotAccepted",
        "ModelNotFound",
        "NoInput",
        "NoOutput",
        "NoServer",
        "NotFound",
        "NotTheApi",
        "PartlyDone",
        "PictureError",
        "PortTaken",
        "QueueBlocked",
        "Refused",
        "RequestTimeout",
        "RunCanceled",
        "RunError",
        "RunFailed",
        "RunGone",
        "RunRedacted",
        "RunUnreadable",
        "ServerDied",
        "ServerError",
        "ServerFault",
        "ServerUnreachable",
        "StartTimeout",
        "StoredFileNotFound",
        "SubmitUncertain",
        "Unauthorized",
        "UnexpectedReply",
        "VideoNotFound",
        "WaitTimeout",
        "WorkflowNotFound",
    ]


def tree(error: type[BaseException], indent: str = "") -> Iterator[str]:
    """Draw the classes below an error, in the order of the file."""
    below = error.__subclasses__()
    for child in below:
        last = child is below[-1]
        yield f"{indent}{'└' if last else '├'}── {child.__name__}"
        yield from tree(child, indent + ("    " if last else "│   "))


def test_the_drawing_of_the_errors_is_right() -> None:
    assert errors.__doc__
    lines = errors.__doc__.splitlines()
    start = lines.index("FlowbindError")
    drawn = [line.partition("  ")[0] if "── " not in line else line for line in lines[start + 1 :] if line]
    names = [line[: line.index("── ") + 3] + line.split("── ")[1].split()[0] for line in drawn]
    assert names == list(tree(errors.FlowbindError))


@pytest.mark.parametrize(
    ("sync", "twin"),
    [
        (InvokeAI, AsyncInvokeAI),
        (Job, AsyncJob),
        (ManyJob, AsyncManyJob),
        (BatchJob, AsyncBatchJob),
        (InstallJob, AsyncInstallJob),
        *TWINS,
    ],
)
def test_the_twins_have_the_same_members(sync: type[Any], twin: type[Any]) -> None:
    check_twins(sync, twin)


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[Path]:
    """A copy of the poster's files, to be spoiled."""
    for file in FOLDER.glob("poster*"):
        shutil.copy(file, tmp_path)
    yield tmp_path
    sys.modules.pop("a_copy", None)


def imported(folder: Path) -> Any:
    """Import the copied module."""
    spec = importlib.util.spec_from_file_location("a_copy", folder / "poster.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["a_copy"] = module
    spec.loader.exec_module(module)
    return module


def test_a_copy_works(copied: Path) -> None:
    assert preview(imported(copied).Poster())


def test_line_ends_of_windows_do_no_harm(copied: Path) -> None:
    graph = copied / "poster.graph.json"
    graph.write_bytes(graph.read_bytes().replace(b"\n", b"\r\n"))
    assert preview(imported(copied).Poster())


@pytest.mark.parametrize("name", ["poster.graph.json", "poster.workflow.json"])
def test_a_changed_file_beside_the_module(copied: Path, name: str) -> None:
    (copied / name).write_bytes((copied / name).read_bytes() + b" ")
    poster = imported(copied).Poster()
    with pytest.raises(InterfaceError, match=rf"{name} is not what the module .* run `flowbind generate`"):
        preview(poster)


@pytest.mark.parametrize("name", ["poster.graph.json", "poster.workflow.json"])
def test_a_missing_file_beside_the_module(copied: Path, name: str) -> None:
    (copied / name).unlink()
    poster = imported(copied).Poster()
    with pytest.raises(InterfaceError, match=rf"{name} is missing .* run `flowbind generate`"):
        preview(poster)


@pytest.mark.parametrize(
    ("number", "said"), [(99, "newer than flowbind: install the flowbind release"), (1, "older than flowbind: run")]
)
def test_another_interface(copied: Path, number: int, said: str) -> None:
    module = copied / "poster.py"
    text = module.read_text(encoding="utf-8")
    assert "interface=3" in text
    module.write_text(text.replace("interface=3", f"interface={number}"), encoding="utf-8")
    with pytest.raises(InterfaceError, match=rf"needs runtime interface {number}; .*{said}"):
        imported(copied)


def test_classes_of_the_interface_before_still_work(copied: Path) -> None:
    module = copied / "poster.py"
    text = module.read_text(encoding="utf-8")
    # Before the third, no input took RANDOM.
    before = re.sub(r",\s+random=\(.*\)", "", text).replace("interface=3", "interface=2").replace(" | Random", "")
    assert "andom=" not in before
    module.write_text(before, encoding="utf-8")
    poster = imported(copied).Poster
    assert preview(poster())
    with pytest.raises(InputError, match="no shuffle button"):
        poster(grain_seed=RANDOM)
