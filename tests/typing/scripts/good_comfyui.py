"""A user's script for a ComfyUI workflow: nothing in it needs a comment for a type checker."""

from pathlib import Path

from drawn_in_comfyui import Portrait, PortraitOutputs

from flowbind import grid, random_seeds
from flowbind.comfyui import RANDOM, File, Image, ImageInput, dynamic
from flowbind.invokeai import StoredImage


def drawn(photo: Path, made: PortraitOutputs, listed: StoredImage) -> list[Portrait]:
    """Return portraits of a photo."""
    photos: list[ImageInput] = [photo, photo.read_bytes(), "a.png", Image("a.png", "faces", "output"), made.picture[0]]
    photos.append(listed)
    portraits = [Portrait(photo=each, seed=RANDOM, sampler="ddim", colours=["#000"]) for each in photos]
    portrait = Portrait(photo="a.png", prompt=dynamic("a {red|blue} kite"), notes=File("notes.txt"))
    portrait.seed = 2**64 - 1
    portrait.seed = RANDOM
    portrait.cfg = 7
    portrait.photo = Image.parse("faces/a.png [output]")
    portrait.notes = b"a note"
    names: list[str] = [picture.name for picture in made.picture]
    portrait.colours += names
    return [*portraits, *grid(portrait, seed=random_seeds(3))]
