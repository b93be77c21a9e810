"""The videos that a real server keeps: lists, stars, boards, deletions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.behaviour.both_clients import Script

from flowbind.errors import NotFound, PartlyDone
from flowbind.invokeai import StoredVideo
from live_tools import Live
from videos import a_video

UPLOAD = "/api/v1/videos/upload?video_category=user&is_intermediate=false"


def put(live: Live, board_id: str, path: Path) -> str:
    """Put a video on a board; return its name."""
    with path.open("rb") as file:
        answer = httpx.post(f"{live.url}{UPLOAD}&board_id={board_id}", files={"file": ("red.mp4", file)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["video_name"])


def test_videos_like_pictures(carried: Callable[[Script], Any], live: Live, board: str, tmp_path: Path) -> None:
    path = a_video(tmp_path)
    old, new = put(live, board, path), put(live, board, path)

    async def script(client: Any) -> None:
        videos = client.videos
        assert [video.name async for video in videos.list(board=board)] == [new, old]
        assert await videos.star(old) == [old]
        assert [video.name async for video in client.boards.videos(board)] == [old, new]
        assert await videos.names(board=board) == [old, new]
        assert [video.name async for video in videos.list(board=board, starred=True)] == [old]
        assert await videos.names(board=board, starred=False) == [new]
        assert await videos.unstar(old) == [old]
        one = await videos.get(old)
        assert isinstance(one, StoredVideo)
        assert (one.width, one.height, one.category, one.starred) == (16, 16, "user", False)
        assert one.duration > 0
        assert (one.board_id, one.record["video_name"]) == (board, old)
        assert [await videos.metadata(one), await videos.workflow(one), await videos.graph(old)] == [None] * 3
        assert (await videos.update(one, category="general")).category == "general"
        seen = [video.name async for video in videos.search(one.created_at[:10], board=board)]
        assert seen == [new, old]

        assert await client.boards.remove_videos(one, new) == [old, new]
        assert [video async for video in client.boards.videos(board)] == []
        assert await client.boards.move_videos(new, old, board=board) == [new, old]
        with pytest.raises(PartlyDone, match=r"1 of 2 not put on the board: none\.mp4") as moved:
            await client.boards.move_videos(new, "none.mp4", board=board)
        assert moved.value.done == (new,)

        seen = []
        async for video in videos.list(board=board):
            seen.append(video.name)
            assert await videos.delete(video) == [video.name]
        assert seen == [new, old]
        with pytest.raises(NotFound, match=old):
            await videos.get(old)
        with pytest.raises(PartlyDone, match=f"1 of 1 not deleted: {old}"):
            await videos.delete(old)
        with pytest.raises(NotFound):
            await videos.update(old, starred=True)

    carried(script)
