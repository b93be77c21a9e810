"""A user's program with types of its own; type checkers read it, too."""

from __future__ import annotations

import json

from generated import Choices, Curves, Layers, Unions
from generated.field_types import Layer
from my_package.curves import Disc, Feeling, Point, Tone

from flowbind.invokeai.runs.preview import preview

tone = Tone([Point(0.0, 0.25)], "smooth")
curves = Curves(tone_curve=tone, curves=[tone, tone.flipped()], one_or_many=tone, curves_by_name={"a": tone})
layers = Layers(layer=Layer(curve=tone, curves={"b": tone}))
unions = Unions(shape=Disc(diameter=4.0), number_or_curve=tone, shapes=[Disc(diameter=1.0)])
choices = Choices(mood=Feeling.EERIE, moods=[Feeling.CALM], mood_or_moods=Feeling.BRIGHT)

made = {}
for workflow in (curves, layers, unions, choices):
    (node,) = json.loads(preview(workflow)[0])["batch"]["graph"]["nodes"].values()
    made[type(workflow).__name__] = node
print(json.dumps({"made": made, "default": repr(Curves().tone_curve)}))
