"""A node pack for InvokeAI as a stranger might write it: nodes with every kind of value that InvokeAI lets through.

It is made up, for tests. InvokeAI imports the packs in the folder `nodes` of its root when it starts, and each node
registers itself while its module is imported.
"""

from . import choices, curves, hostile, layers, makers, names, open_values, texts, unions

__all__ = ["choices", "curves", "hostile", "layers", "makers", "names", "open_values", "texts", "unions"]
