"""What models are installed from: a path on the server's machine, a URL, or the id of a Hugging Face repository."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flowbind.invokeai.models.index import Record
from flowbind.outside import one_line

# To the last @: of a password that is not quoted, half may look like a path.
_LOGIN = re.compile(r"^(\w+://).*@", re.DOTALL)
_REPOSITORY = re.compile(r"([^/:]+/[^/:]+):(\w*):/?([^:]+)")


def source_text(source: Any) -> str:
    """Return the source that an install job has, as it is given and as the installed model has it."""
    if not isinstance(source, Mapping):
        return ""
    repository = source.get("repo_id")
    if isinstance(repository, str):
        variant, folder = source.get("variant"), source.get("subfolder")
        return repository + (f":{variant}" if variant else "") + (f"::{folder}" if folder else "")
    told = source.get("path") or source.get("url")
    if told is None and "provider_id" in source:
        told = f"external://{source['provider_id']}/{source.get('provider_model_id')}"
    return str(told or "")


def shown(source: str) -> str:
    """Return a source as messages show it: an address without a login, and without what may be a token."""
    if "://" not in source:
        return one_line(source)
    address, mark, _ = source.partition("?")
    return one_line(_LOGIN.sub(r"\1", address)) + (mark and "?...")


def without_tokens(document: Any) -> Any:
    """Return an install job without the tokens that the server tells with it, its own among them."""
    if isinstance(document, list):
        return [without_tokens(item) for item in document]
    if isinstance(document, dict):
        return {key: None if key == "access_token" else without_tokens(value) for key, value in document.items()}
    return document


def installed_from(source: str, records: Sequence[Record]) -> Record | None:
    """Return the model that was installed from a source, or that lies there."""
    text = source.strip('"')
    wanted = {source, text, re.sub(r"/+$", "", text)}
    # As the server writes the id of a repository with a variant and a folder.
    if match := _REPOSITORY.fullmatch(text):
        repository, variant, folder = match.groups()
        wanted.add(repository + (f":{variant}" if variant else "") + f"::{folder}")
    for place in ("source", "path"):
        for record in records:
            if isinstance(told := record.get(place), str) and told in wanted:
                return record
    return None
