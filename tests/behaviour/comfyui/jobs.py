"""What the stand-in says of its prompts at /api/jobs: one view of the queue and the history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .prompts import Prompt, Record
from .work import Work

PREVIEWABLE = ("images", "video", "audio")
WORDS = ("pending", "in_progress", "completed", "failed", "cancelled")


def job(work: Work, prompt_id: str) -> Record | None:
    """Return what is known of a prompt."""
    with work.lock:
        if prompt_id in work.history:
            return _done(work.history[prompt_id], whole=True)
        return next((_waiting(p, word) for p, word in _queue(work) if p.prompt_id == prompt_id), None)


def jobs(work: Work, query: Mapping[str, str]) -> Record:
    """Return the jobs of some words, newest first, a page of them."""
    words = query.get("status", ",".join(WORDS)).split(",")
    with work.lock:
        known = [_done(entry, whole=False) for entry in work.history.values()]
        found = [j for j in [*(_waiting(*p) for p in _queue(work)), *known] if j["status"] in words]
    newest = query.get("sort_order", "desc") == "desc"
    found.sort(key=lambda one: one["create_time"], reverse=newest)
    offset, limit = int(query.get("offset", 0)), int(query["limit"]) if "limit" in query else None
    page = found[offset:][:limit]
    more = offset + len(page) < len(found)
    return {"jobs": page, "pagination": {"offset": offset, "limit": limit, "total": len(found), "has_more": more}}


def _queue(work: Work) -> list[tuple[Prompt, str]]:
    running = [(work.running, "in_progress")] if work.running is not None else []
    return [*running, *((prompt, "pending") for prompt in work.pending)]


def _waiting(prompt: Prompt, word: str) -> Record:
    about = {"id": prompt.prompt_id, "status": word, "priority": prompt.number}
    created = prompt.extra_data["create_time"]
    return {**about, "create_time": created, "outputs_count": 0, "previewable_outputs_count": 0}


def _done(entry: Record, *, whole: bool) -> Record:
    number, prompt_id, graph, extra_data, _ = entry["prompt"]
    told: Record = dict(entry["status"]["messages"])
    word = "completed" if entry["status"]["completed"] else "cancelled" if "execution_interrupted" in told else "failed"
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
        **_shown(entry["outputs"]),
    }
    if whole:
        found["outputs"] = entry["outputs"]
        found["execution_status"] = entry["status"]
        found["workflow"] = {"prompt": graph, "extra_data": extra_data}
    return {name: value for name, value in found.items() if value is not None}


def _shown(outputs: Mapping[str, Mapping[str, Any]]) -> Record:
    items = [
        {**item, "nodeId": node, "mediaType": kind}
        for node, output in outputs.items()
        for kind, listed in output.items()
        for item in (listed if isinstance(listed, list) and kind != "animated" else [])
        if isinstance(item, dict)
    ]
    seen = [item for item in items if item["mediaType"] in PREVIEWABLE]
    first = next((item for item in seen if item.get("type") == "output"), seen[0] if seen else None)
    return {"outputs_count": len(items), "previewable_outputs_count": len(seen), "preview_output": first}
