"""A custom node of ComfyUI's that shows no node: it serves the load of the machine at `/flowbind/metrics`.

Link or copy this folder into `custom_nodes`. It needs nothing that ComfyUI has not; what cannot be known is null.
"""

from __future__ import annotations

import sys

from .asking import asked
from .route import serve

NODE_CLASS_MAPPINGS: dict[str, type] = {}

# None where a program uses ComfyUI's nodes and starts no server.
if server := asked(lambda: sys.modules["server"].PromptServer.instance):
    serve(server.routes)
