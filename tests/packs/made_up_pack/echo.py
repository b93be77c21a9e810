"""What most nodes of the pack do: give back, as JSON, what they received."""

import json

from invokeai.invocation_api import BaseInvocation, InvocationContext, StringOutput


class Echo(BaseInvocation):
    """Gives back its inputs, as InvokeAI understood them."""

    def invoke(self, context: InvocationContext) -> StringOutput:
        """Return the inputs by name, with the names that objects have in JSON."""
        del context
        fields = type(self).model_fields.items()
        inputs = {name for name, field in fields if (field.json_schema_extra or {}).get("field_kind") == "input"}
        received = self.model_dump(mode="json", by_alias=True, include=inputs)
        return StringOutput(value=json.dumps(received, sort_keys=True))
