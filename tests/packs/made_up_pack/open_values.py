"""Values of which the schema says nothing, or little."""

from typing import Any

from invokeai.invocation_api import InputField, UIType, invocation
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from .echo import Echo


class Settings(BaseModel):
    """Settings, known and unknown."""

    model_config = ConfigDict(extra="allow")

    name: str
    more: dict[str, Any] = Field(default_factory=dict)
    anything: Any = None
    rest: list[Any] | None = None


@invocation("made_up_open_values", title="Open values", tags=["made up"], category="made up", version="1.0.0")
class OpenValuesInvocation(Echo):
    """Takes anything."""

    anything: Any = InputField(default=None, ui_type=UIType.Any, description="Anything, declared as such")
    undeclared: Any = InputField(default=None, description="Anything, not declared as such")
    by_name: dict[str, Any] = InputField(default={}, description="Anything by name")
    plain: dict = InputField(default={}, description="A dictionary of nobody knows what")
    several: list[Any] = InputField(default=[], description="Several of anything")
    rest: list = InputField(default=[], description="A list of nobody knows what")
    json_value: JsonValue = InputField(default=None, description="Any JSON")
    settings: Settings = InputField(default=Settings(name="a"), description="Settings, known and unknown")


@invocation("made_up_any", title="Any", tags=["made up"], category="made up", version="1.0.0")
class AnyInvocation(Echo):
    """Takes anything, and has no default."""

    value: Any = InputField(description="Anything")
