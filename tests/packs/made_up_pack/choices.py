"""Enumerations of every kind."""

from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Literal

from invokeai.invocation_api import InputField, invocation
from pydantic import BaseModel, Field

from .echo import Echo


class Mood(StrEnum):
    """What the picture feels like."""

    CALM = "calm"
    BRIGHT = "bright"
    EERIE = "eerie"


class Level(IntEnum):
    """How much of it."""

    NONE = 0
    SOME = 1
    ALL = 100


class Share(float, Enum):
    """Parts of a whole."""

    HALF = 0.5
    WHOLE = 1.0


class Loose(Enum):
    """Texts and numbers, of no one type."""

    AUTO = "auto"
    TWO = 2
    HALF = 0.5


class Awkward(StrEnum):
    """Texts that are hard to quote."""

    EMPTY = ""
    QUOTES = "\"'"
    TRIPLE = '"""'
    BACKSLASH = "a\\b\\"
    BRACES = "{{ x }}"
    NEWLINE = "a\nb"
    UMLAUT = "ü"


Key = Annotated[str, Field(pattern="^k")]


class MoodOf(BaseModel):
    """Moods by part."""

    sky: Mood = Mood.CALM
    level: Level = Level.SOME
    others: dict[str, Mood] = {}


@invocation("made_up_choices", title="Choices", tags=["made up"], category="made up", version="1.0.0")
class ChoicesInvocation(Echo):
    """Takes choices."""

    mood: Mood = InputField(description="An enumeration of texts")
    default_mood: Mood = InputField(default=Mood.EERIE, description="One with a default")
    maybe_mood: Mood | None = InputField(default=None, description="One, if any")
    level: Level = InputField(default=Level.SOME, description="An enumeration of numbers")
    awkward: Awkward = InputField(default=Awkward.EMPTY, description="Texts that are hard to quote")
    size: Literal[256, 512] = InputField(default=256, description="Numbers to choose from")
    mixed: Literal["auto", 1, 2, True] = InputField(default="auto", description="Numbers and texts to choose from")
    share: Share = InputField(default=Share.HALF, description="An enumeration of fractions")
    loose: Loose = InputField(default=Loose.AUTO, description="An enumeration of texts and numbers")
    or_nothing: Literal["a", None] = InputField(default="a", description="Nothing is a choice, too")
    only: Literal["only"] = InputField(default="only", description="No choice at all")
    labelled: Literal["a", "b"] = InputField(
        default="a", ui_choice_labels={"a": "The first", "b": 'The "second"'}, description="Choices with labels"
    )
    moods: list[Mood] = InputField(default=[], description="Several moods")
    sizes: list[Literal[256, 512]] = InputField(default=[256], description="Several sizes")
    mood_or_moods: Mood | list[Mood] = InputField(default=Mood.CALM, description="One mood, or several")
    mood_of: MoodOf = InputField(default=MoodOf(), description="Moods by part")
    levels: dict[str, Level] = InputField(default={}, description="Levels by name")
    by_choice: dict[Literal["a", "b"], int] = InputField(default={}, description="Numbers by choice")
    by_pattern: dict[Key, int] = InputField(default={}, description="Numbers by names that begin with k")
    by_number: dict[int, float] = InputField(default={}, description="Fractions by number")
