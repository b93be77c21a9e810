"""Mistakes that type checkers should report, each on a line of its own."""

from __future__ import annotations

from generated import Choices, Curves, Layers, Makers, OpenValues, Unions
from generated.field_types import Box, Circle, Curve, CurvePoint, Layer, MoodOf, OddNames

curve = Curve(points=[CurvePoint(x=0, y=1)])

CurvePoint(x="a", y=1)  # wrong
CurvePoint(x=0)  # wrong
CurvePoint(x=0, y=0, z=0)  # wrong
Curve(points=CurvePoint(x=0, y=0))  # wrong
Curve(points=[], interpolation="smoth")  # wrong
print(curve.pionts)  # wrong
print(curve.points[0].z)  # wrong
print(curve.name.upper())  # wrong

Curves(tone_curve={"points": []})  # wrong
Curves(tone_curve=[curve])  # wrong
Curves(tone_curve=None)  # wrong
Curves(curves=curve)  # wrong
Curves(one_or_many=[1])  # wrong
Curves(curves_by_name={1: curve})  # wrong
Curves(tone_crve=curve)  # wrong
Curves().tone_curve.points[0].x.upper()  # wrong
print(Curves().and_then.points)  # wrong

Layers(layer=curve)  # wrong
Layers(amounts={"a": "b"})  # wrong
Layers(offset=(1, 2, 3))  # wrong
Layer(mode="dodge")  # wrong
Layer(priority=2)  # wrong
Layer(curve=Layer())  # wrong

Unions(shape=curve)  # wrong
Unions(number_or_text=[1])  # wrong
Unions(shares="half")  # wrong
Unions(shapes_by_name={"a": 1})  # wrong
print(Unions().shape.radius)  # wrong

Choices(mood="sad")  # wrong
Choices(level=2)  # wrong
Choices(moods=["sad"])  # wrong
Choices(mood_of=MoodOf(sky="sad"))  # wrong

OddNames()  # wrong
OddNames(class_=1)  # wrong
OpenValues(anything=object())  # wrong
Makers(text=1)  # wrong

shape: Circle | Box = Unions().shape
text: str = Choices().mood
