"""Texts that try to get out of the place where they are written."""

from enum import StrEnum
from typing import Literal

from invokeai.invocation_api import InputField, invocation
from pydantic import BaseModel, ConfigDict, Field, create_model

from .echo import Echo

# Each would leave a literal, a docstring, a comment or a template of generated code, or hide what is written there.
PIECES = (
    '"""',
    "'''",
    "\\",
    "\\N{BULLET}\\x41\\",
    "{{ 7 * 7 }}{% for x in y %}{# z #}",
    "${PATH} %s {0} {name}",
    "\n\nimport os\nos.abort()\n",
    "\r\x0b\x0c\x1c\x85\u2028\u2029# not a comment",
    "\x00\x07\x1b[31m\x7f\x9b",
    "\u202ereversed\u202c\u2066hidden\u2069\u200b\ufeff",
    "# type: ignore  # noqa",
    "<script>alert(1)</script>",
    '"]) or __import__("os").abort() #',
    "\U0001f600\u0301\ufffd",
)
HOSTILE = " ".join(PIECES)
LONG = "A very long description. " * 400
KEY = 'a"""\n__import__("os").abort()\n{{ x }}\\'


class Evil(StrEnum):
    PLAIN = "plain"
    QUOTED = '""")\n__import__("os").abort()\n("""'
    BENT = "\u202e{{ x }}\\"


Evil.__doc__ = HOSTILE


class EvilInside(BaseModel):
    text: str = Field(default=HOSTILE, title=HOSTILE, description=HOSTILE)
    choice: Evil = Field(default=Evil.QUOTED, description=LONG)
    number: int = Field(default=1, description=HOSTILE, json_schema_extra={"unit": HOSTILE, "examples": [HOSTILE]})
    words: dict[str, str] = Field(default={KEY: HOSTILE}, description=HOSTILE)


EvilInside.__doc__ = HOSTILE

EvilObject = create_model(
    'Evil"""\n\\',
    __module__=__name__,
    __doc__=HOSTILE,
    __config__=ConfigDict(title=HOSTILE, populate_by_name=True),
    keyed=(int, Field(default=0, alias=KEY, description=HOSTILE)),
    inside=(EvilInside, Field(default=EvilInside(), description=HOSTILE)),
)


@invocation("made_up_hostile", title=HOSTILE, tags=[HOSTILE], category=HOSTILE, version="1.0.0")
class HostileInvocation(Echo):
    text: str = InputField(default=HOSTILE, title=HOSTILE, description=HOSTILE)
    long: int = InputField(default=1, description=LONG)
    evil: EvilObject = InputField(default=EvilObject(), title=HOSTILE, description=HOSTILE)
    evil_list: list[EvilInside] = InputField(default=[], description=HOSTILE)
    choice: Evil = InputField(default=Evil.PLAIN, description=HOSTILE)
    literal: Literal["plain", '""")\n__import__("os").abort()\n("""', "\\"] = InputField(
        default="plain", ui_choice_labels={"plain": HOSTILE, "\\": '"""'}, description=HOSTILE
    )
    words: dict[str, str] = InputField(default={KEY: HOSTILE}, description=HOSTILE)
    pattern: str = InputField(default="", pattern='^[^"]*("""\\n)?$', description=HOSTILE)


HostileInvocation.__doc__ = HOSTILE
