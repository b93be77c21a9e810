"""A module's class without files: rendered, verified and run in memory."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

from flowbind.workflow import Workflow
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.field_classes import field_types
from flowbind_generator.ir import Module
from flowbind_generator.manifest import NAME, entry_of
from flowbind_generator.render import render_field_types, render_module
from flowbind_generator.verify import verify_field_types, verify_module

_count = 0


def class_of(module: Module) -> type[Workflow[Any]]:
    """Return the class that generating would write."""
    global _count  # noqa: PLW0603  each class gets a module of its own, as on disk
    files = render_module(module)
    source = files[f"{module.name}.py"]
    verify_module(files, module)
    _count += 1
    package = f"flowbind_live_{_count}"
    sys.modules[package] = ModuleType(package)
    if module.field_types:
        planned = field_types(module.field_types)
        types = render_field_types(planned)
        verify_field_types(types, planned)
        _run(types, package, FIELD_TYPES)
    live = _run(source, package, module.name)
    made: type[Workflow[Any]] = vars(live)[module.class_name]
    beside = {name: text.encode() for name, text in files.items() if name in (module.graph_file, module.workflow_file)}
    manifest = {"workflows": {module.source: entry_of(module, {}, module.file_digest)}}
    made.__flowbind__.loaded.update({**beside, NAME: json.dumps(manifest).encode()})
    return made


def _run(source: str, package: str, name: str) -> ModuleType:
    live = ModuleType(f"{package}.{name}")
    live.__package__ = package
    # Annotations are read when the first instance is made: from the module, by its name.
    sys.modules[live.__name__] = live
    exec(compile(source, f"<{live.__name__}>", "exec", dont_inherit=True), live.__dict__)
    return live
