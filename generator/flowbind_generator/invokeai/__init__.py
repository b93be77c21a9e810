"""InvokeAI: its exports, its graphs, its OpenAPI document."""
