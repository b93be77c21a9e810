"""What the stand-in says of its prompts at /api/jobs: one view of the queue and the history.

`newer` releases than 0.8 say of what was interrupted that it was cancelled, not that it failed, and count previews.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .prompts import Prompt, Record
from .work import Work

PREVIEWABLE = ("images", "video", "audio")
WORDS = ("pending", "in_progress", "completed", "failed", "cancelled")


def job(work: Work, prompt_id: str, *, newer: bool) -> Record | None:
    """Return what is known of a prompt."""
    with work.lock:
        if prompt_id in work.history:
            return _done(work.history[prompt_id], whole=True, newer=newer)
        return next((_waiting(p, word, newer=newer) for p, word in _queue(work) if p.prompt_id == prompt_id), None)


def jobs(work: Work, query: Mapping[str, str], *, newer: bool) -> Record:
    """Return the jobs of some words, newest first, a page of them."""
    words = query.get("status", ",".join(WORDS)).split(",")
    with work.lock:
        done = [_done(entry, whole=False, newer=newer) for entry in work.history.values()]
        waiting = [_waiting(prompt, word, newer=newer) for prompt, word in _queue(work)]
        found = [one for one in [*waiting, *done] if one["status"] in words]
    newest = query.get("sort_order", "desc") == "desc"
    found.sort(key=lambda one: one["create_time"], reverse=newest)
    offset, limit = int(query.get("offset", 0)), int(query["limit"]) if "limit" in query else None
    page = found[offset:][:limit]
    more = offset + len(page) < len(found)
    return {"jobs": page, "pagination": {"offset": offset, "limit": limit, "total": len(found), "has_more": more}}


def _queue(work: Work) -> list[tuple[Prompt, str]]:
    running = [(work.running, "in_progress")] if work.running is not None else []
    return [*running, *((prompt, "pending") for prompt in work.pending)]


def _waiting(prompt: Prompt, word: str, *, newer: bool) -> Record:
    about = {"id": prompt.prompt_id, "status": word, "priority": prompt.number}
    return {**about, "create_time": prompt.extra_data["create_time"], **_shown({}, newer=newer)}


def _done(entry: Record, *, whole: bool, newer: bool) -> Record:
    number, prompt_id, graph, extra_data, _ = entry["prompt"]
    told: Record = dict(entry["status"]["messages"])
    cancelled = newer and "execution_interrupted" in told
    word = "completed" if entry["status"]["completed"] else "cancelled" if cancelled else "failed"
    end = next(
        (about for kind, about in told.items() if kind.removeprefix("execution_") not in ("start", "cached")), {}
    )
    found: Record = {
        "id": prompt_id,
        "status": word,
        "priority": number,
        "create_time": extra_data["create_time"],
        "execution_start_time": told.get("execution_start", {}).get("timestamp"),
        "execution_end_time": end.get("timestamp"),
        "execution_error": told.get("execution_error"),
        **_shown(entry["outputs"], newer=newer),
    }
    if whole:
        found["outputs"] = entry["outputs"]
        found["execution_status"] = entry["status"]
        found["workflow"] = {"prompt": graph, "extra_data": extra_data}
    return {name: value for name, value in found.items() if value is not None}


def _shown(outputs: Mapping[str, Mapping[str, Any]], *, newer: bool) -> Record:
    items = [
        {**item, "nodeId": node, "mediaType": kind}
        for node, output in outputs.items()
        for kind, listed in output.items()
        for item in (listed if isinstance(listed, list) and kind != "animated" else [])
        if isinstance(item, dict)
    ]
    seen = [item for item in items if item["mediaType"] in PREVIEWABLE]
    first = next((item for item in seen if item.get("type") == "output"), seen[0] if seen else None)
    found: Record = {"outputs_count": len(items)}
    if newer:
        found["previewable_outputs_count"] = len(seen)
    return found if first is None else {**found, "preview_output": first}
