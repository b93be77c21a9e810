"""What people reach for first: which of the workflows that flowbind ships to run, and with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from flowbind.errors import FlowbindError, InputError, UnexpectedReply
from flowbind.invokeai.gallery.lists import found
from flowbind.invokeai.gallery.stored import IMAGES
from flowbind.invokeai.media import Image
from flowbind.invokeai.models.index import Record
from flowbind.invokeai.quick.choices import advice, main_model, parts
from flowbind.invokeai.result import Result
from flowbind.invokeai.runs.lookup import Lookup, from_json
from flowbind.invokeai.workflow import InvokeAIWorkflow
from flowbind.place import Place
from flowbind.transport.steps import Operation
from flowbind.workflow import Workflow, named

if TYPE_CHECKING:
    from flowbind.invokeai._rest import Board

Run = InvokeAIWorkflow[Any]
Given = Mapping[str, Any]
"""The arguments of a helper by their names, which are those of its workflows' inputs; None where one was not given."""


_TEXT_TO_IMAGE = {
    "sd-1": "TextToImageSd",
    "sd-2": "TextToImageSd",
    "sdxl": "TextToImageSdxl",
    "sd-3": "TextToImageSd3",
    "flux": "TextToImageFlux",
    "cogview4": "TextToImageCogview4",
}
_IMAGE_TO_IMAGE = {
    "sd-1": "ImageToImageSd",
    "sd-2": "ImageToImageSd",
    "sdxl": "ImageToImageSdxl",
    "flux": "ImageToImageFlux",
}
"""The shipped classes by the base of the model."""
_GRIDS = {"sd-1": 8, "sd-2": 8, "sdxl": 8, "flux": 16}
"""What width and height have to be multiples of where a picture is resized to them, which takes any."""


def text_to_image(lookup: Lookup, given: Given) -> Operation[Run]:
    """Return the run that makes a picture from a prompt, by the workflow for the model's base."""
    helper = "text_to_image"
    record = yield from main_model(helper, lookup.models, given["model"], tuple(_TEXT_TO_IMAGE))
    return (yield from _with_model(helper, _TEXT_TO_IMAGE[record["base"]], lookup, given, record))


def image_to_image(lookup: Lookup, given: Given) -> Operation[Run]:
    """Return the run that makes a picture anew; what is not given of its size follows from the picture's shape."""
    helper = "image_to_image"
    record = yield from main_model(helper, lookup.models, given["model"], tuple(_IMAGE_TO_IMAGE))
    run = yield from _with_model(helper, _IMAGE_TO_IMAGE[record["base"]], lookup, given, record)
    values, grid = vars(run), _GRIDS[record["base"]]
    problems = [
        f"{helper}: {name} is {values[name]}: it has to be a multiple of {grid}."
        for name in ("width", "height")
        if given[name] is not None and values[name] % grid
    ]
    if not 0 <= values["strength"] <= 1:
        problems.append(f"{helper}: strength is {values['strength']}: it has to be from 0 to 1.")
    if problems:
        raise InputError(problems)
    if given["width"] is None or given["height"] is None:
        picture = yield from _measured(values["image"], lookup, Place(f"{helper}: image", True))
        width, height = _size(picture, given, values["width"] * values["height"], grid)
        _set(run, {"image": picture, "width": width, "height": height})
    return run


def upscale(given: Given) -> Run:
    """Return the run that enlarges a picture, by resampling or with a model."""
    return _made("upscale", "Upscale" if given["model"] is None else "UpscaleWithModel", given)


def copy_image(image: Image | str, board: Board | str | None) -> Run:
    """Return the run that copies a picture to a board."""
    return _made("copy_image", "CopyImage", {"image": image, "board": id_of(board)})


def id_of(board: Board | str | None) -> str | None:
    """Return a board's id, or the id or name that was given."""
    return board if board is None or isinstance(board, str) else board.board_id


@contextmanager
def in_words_of(helper: str, workflow: type[Workflow[Any]]) -> Iterator[None]:
    """Have errors name a helper and its arguments, where they name a class that its caller has never seen."""

    def worded(text: str) -> str:
        for name in workflow.model_fields:
            text = text.replace(named(workflow, name), f"{helper}: {name}")
        return text.replace(workflow.__name__, helper)

    try:
        yield
    except FlowbindError as error:
        error.args = tuple(worded(part) if isinstance(part, str) else part for part in error.args)
        if isinstance(error, InputError):
            error.problems = tuple(map(worded, error.problems))
        raise


def picture_of(helper: str, result: Result[Any]) -> Image:
    """Return the picture that a helper's run has made; raises `UnexpectedReply` where the server tells of none."""
    made = vars(result.outputs).get("image")
    if not isinstance(made, Image):
        raise UnexpectedReply(f"{helper}: item {result.item_id} has completed, and the server tells of no picture.")
    return made


def _with_model(helper: str, name: str, lookup: Lookup, given: Given, record: Record) -> Operation[Run]:
    """Return the run with a model, with what the model is advised with and needs where it is not given."""
    inputs = _shipped(name).model_fields
    if foreign := [argument for argument, value in given.items() if value is not None and argument not in inputs]:
        model = f'models of base {record["base"]}, such as "{record.get("name")}"'
        raise InputError([f"{helper}: {argument} is not for {model}: leave it out." for argument in foreign])
    run = _made(helper, name, {**given, "model": from_json("model", record)})
    # The server checks its advice for no base: a FLUX model may be advised a scheduler of SDXL's.
    for argument, value in advice(record).items():
        if argument in inputs and argument not in run.model_fields_set:
            with suppress(InputError):
                _set(run, {argument: value})
    _set(run, (yield from parts(helper, lookup.models, record, inputs.keys() - run.model_fields_set)))
    return run


def _made(helper: str, name: str, given: Given) -> Run:
    """Return a run of a shipped workflow."""
    workflow = _shipped(name)
    with in_words_of(helper, workflow):
        return workflow(**{argument: value for argument, value in given.items() if value is not None})


def _shipped(name: str) -> type[Run]:
    from flowbind.invokeai.quick import workflows

    workflow: type[Run] = getattr(workflows, name)
    return workflow


def _set(run: Run, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(run, name, value)


def _measured(image: Any, lookup: Lookup, place: Place) -> Operation[Image]:
    """Return a picture on the server whose size is known, uploaded where it was not there."""
    if isinstance(image, Image) and image.width and image.height:
        return image
    return (yield from found(IMAGES, (yield from lookup.images.resolve(image, place)), None))


def _size(picture: Image, given: Given, area: int, grid: int) -> tuple[int, int]:
    """Return what is given of width and height, and the rest: of the picture's shape, about as large as `area`."""
    shape = max(picture.width or 1, 1) / max(picture.height or 1, 1)
    width, height = given["width"], given["height"]
    wide = width or (height * shape if height else (area * shape) ** 0.5)
    return width or _on(grid, wide), height or _on(grid, wide / shape)


def _on(grid: int, length: float) -> int:
    return max(1, round(length / grid)) * grid
