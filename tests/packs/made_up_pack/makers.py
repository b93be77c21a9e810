"""Nodes that make something: pictures, simple values, and an object of the pack's own."""

from invokeai.invocation_api import (
    BaseInvocation,
    BaseInvocationOutput,
    BooleanOutput,
    ColorField,
    FloatOutput,
    ImageCollectionOutput,
    ImageField,
    ImageOutput,
    InputField,
    IntegerOutput,
    InvocationContext,
    OutputField,
    StringCollectionOutput,
    StringOutput,
    WithBoard,
    WithMetadata,
    invocation,
    invocation_output,
)
from PIL import Image

from .curves import Curve
from .layers import Layer
from .unions import Box, Circle

SIDE = 16


def plain(color: ColorField) -> Image.Image:
    """Return a small picture of one colour."""
    return Image.new("RGBA", (SIDE, SIDE), color.tuple())


@invocation_output("made_up_pictures_output")
class PicturesOutput(BaseInvocationOutput):
    """Two pictures, and how much they differ."""

    before: ImageField = OutputField(description="The first picture")
    after: ImageField = OutputField(description="The second picture")
    difference: float = OutputField(description="How much they differ")


@invocation_output("made_up_curve_output")
class CurveOutput(BaseInvocationOutput):
    """A curve of the pack's own, and more."""

    curve: Curve = OutputField(description="The curve")
    curves: list[Curve] = OutputField(description="Several")
    shape: Circle | Box = OutputField(description="A shape")
    layer: Layer | None = OutputField(default=None, description="A layer, if any")
    amounts: dict[str, float] = OutputField(description="Numbers by name")


@invocation("made_up_picture", title="Picture", category="made up", version="1.0.0")
class PictureInvocation(BaseInvocation, WithBoard, WithMetadata):
    """Makes a picture of one colour."""

    color: ColorField = InputField(default=ColorField(r=200, g=100, b=50, a=255), description="Its colour")

    def invoke(self, context: InvocationContext) -> ImageOutput:
        """Make it."""
        return ImageOutput.build(context.images.save(plain(self.color)))


@invocation("made_up_album", title="Album", category="made up", version="1.0.0")
class AlbumInvocation(BaseInvocation, WithBoard, WithMetadata):
    """Makes several pictures."""

    colors: list[ColorField] = InputField(default=[], description="The colours")

    def invoke(self, context: InvocationContext) -> ImageCollectionOutput:
        """Make them."""
        made = [context.images.save(plain(color)) for color in self.colors]
        return ImageCollectionOutput(collection=[ImageField(image_name=image.image_name) for image in made])


@invocation("made_up_pictures", title="Two pictures", category="made up", version="1.0.0")
class PicturesInvocation(BaseInvocation, WithBoard, WithMetadata):
    """Makes two pictures at once."""

    before: ColorField = InputField(description="The colour of the first")
    after: ColorField = InputField(description="The colour of the second")

    def invoke(self, context: InvocationContext) -> PicturesOutput:
        """Make them."""
        names = [context.images.save(plain(color)).image_name for color in (self.before, self.after)]
        first, second = (ImageField(image_name=name) for name in names)
        return PicturesOutput(before=first, after=second, difference=abs(self.before.r - self.after.r) / 255)


@invocation("made_up_curve_maker", title="Curve maker", category="made up", version="1.0.0")
class CurveMakerInvocation(BaseInvocation):
    """Gives a curve on, with more around it."""

    curve: Curve = InputField(description="The curve")

    def invoke(self, context: InvocationContext) -> CurveOutput:
        """Give it on."""
        del context
        amounts = {"points": float(len(self.curve.points))}
        return CurveOutput(curve=self.curve, curves=[self.curve] * 2, shape=Circle(radius=2), amounts=amounts)


@invocation("made_up_integer", title="Count", category="made up", version="1.0.0")
class CountInvocation(BaseInvocation):
    """Counts letters."""

    text: str = InputField(default="", description="The text")

    def invoke(self, context: InvocationContext) -> IntegerOutput:
        """Count them."""
        del context
        return IntegerOutput(value=len(self.text))


@invocation("made_up_float", title="Half", category="made up", version="1.0.0")
class HalfInvocation(BaseInvocation):
    """Halves a number."""

    number: float = InputField(default=1.0, description="The number")

    def invoke(self, context: InvocationContext) -> FloatOutput:
        """Halve it."""
        del context
        return FloatOutput(value=self.number / 2)


@invocation("made_up_boolean", title="Not", category="made up", version="1.0.0")
class NotInvocation(BaseInvocation):
    """Turns yes into no."""

    flag: bool = InputField(default=False, description="Yes or no")

    def invoke(self, context: InvocationContext) -> BooleanOutput:
        """Turn it."""
        del context
        return BooleanOutput(value=not self.flag)


@invocation("made_up_string", title="Shout", category="made up", version="1.0.0")
class ShoutInvocation(BaseInvocation):
    """Writes a text in capitals."""

    text: str = InputField(default="", description="The text")

    def invoke(self, context: InvocationContext) -> StringOutput:
        """Write it."""
        del context
        return StringOutput(value=self.text.upper())


@invocation("made_up_strings", title="Words", category="made up", version="1.0.0")
class WordsInvocation(BaseInvocation):
    """Splits a text."""

    text: str = InputField(default="", description="The text")

    def invoke(self, context: InvocationContext) -> StringCollectionOutput:
        """Split it."""
        del context
        return StringCollectionOutput(collection=self.text.split())
