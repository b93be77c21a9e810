"""The schemas of the objects that inputs take, as the manifest keeps them: what `field_types.py` is planned from."""

from __future__ import annotations

from collections.abc import Mapping

from flowbind_generator.names import CLASS_PATH

NAME = "field_types"
"""The module that holds their classes."""
IMPORT = "import"
"""The key of a schema that says where the user's own class is: `package.module:Class`."""
OPEN = "open"
"""The key of a schema that takes keys besides its own."""


def is_class_schema(schema: object) -> bool:
    """Tell whether a JSON value, such as a manifest holds, can be planned as a class."""
    if not isinstance(schema, Mapping):
        return False
    if IMPORT in schema:
        return isinstance(schema[IMPORT], str) and bool(CLASS_PATH.fullmatch(schema[IMPORT]))
    properties = schema.get("properties")
    return isinstance(properties, Mapping) and all(isinstance(value, Mapping) for value in properties.values())
