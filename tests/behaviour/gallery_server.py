"""A server that plays the gallery and the boards of a release as its own OpenAPI document describes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .fake_server import BOARD
from .spec_document import SpecDocument
from .spec_server import TIME, Said, SpecServer


@dataclass
class Kept:
    """A picture or video; the older, the smaller its number."""

    name: str
    number: int
    starred: bool = False
    board_id: str | None = None


class GalleryServer(SpecServer):
    """Keeps pictures, videos and boards; a picture called "stuck.png" it fails to change."""

    def __init__(self, document: SpecDocument, version: str) -> None:
        super().__init__(document, version)
        self.kept: dict[str, Kept] = {}
        self.videos: dict[str, Kept] = {}
        self.boards: dict[str, dict[str, Any]] = {}

    def keep(self, count: int) -> list[str]:
        """Keep pictures; return their names, the newest first."""
        self.kept |= {f"{number}.png": Kept(f"{number}.png", number) for number in range(count)}
        return [f"{number}.png" for number in reversed(range(count))]

    def film(self, count: int) -> list[str]:
        """Keep videos; return their names, the newest first."""
        self.videos |= {f"{number}.mp4": Kept(f"{number}.mp4", number) for number in range(count)}
        return [f"{number}.mp4" for number in reversed(range(count))]

    def _ordered(
        self, kept: dict[str, Kept], board_id: str | None, order_dir: str, starred_first: bool, **_more: Any
    ) -> list[Kept]:
        wanted = [one for one in kept.values() if board_id in (None, one.board_id or "none")]
        wanted.sort(key=lambda one: one.number, reverse=order_dir == "DESC")
        return sorted(wanted, key=lambda one: not one.starred) if starred_first else wanted

    def _list_image_dtos(self, offset: int, limit: int, **filters: Any) -> Said:
        found = self._ordered(self.kept, **filters)
        items = [self._image(one) for one in found[offset : offset + limit]]
        return 200, {"offset": offset, "limit": limit, "total": len(found), "items": items}

    def _list_video_dtos(self, offset: int, limit: int, **filters: Any) -> Said:
        found = self._ordered(self.videos, **filters)
        items = [self._video(one) for one in found[offset : offset + limit]]
        return 200, {"offset": offset, "limit": limit, "total": len(found), "items": items}

    def _get_image_names(self, **filters: Any) -> Said:
        found = self._ordered(self.kept, **filters)
        counts = {"starred_count": sum(one.starred for one in found), "total_count": len(found)}
        return 200, {"image_names": [one.name for one in found], **counts}

    def _get_images_by_names(self, image_names: Sequence[str]) -> Said:
        return 200, [self._image(self.kept[name]) for name in image_names if name in self.kept]

    def _image(self, one: Kept) -> dict[str, Any]:
        return {**self._picture(one.name, "general"), "starred": one.starred, "board_id": one.board_id}

    def _video(self, one: Kept) -> dict[str, Any]:
        about = {"video_origin": "internal", "video_category": "general", "width": 64, "height": 32, "duration": 1.5}
        state = {"is_intermediate": False, "starred": one.starred, "has_workflow": False, "video_subfolder": ""}
        urls = {"video_url": f"api/v1/videos/i/{one.name}/full", "thumbnail_url": f"api/v1/videos/i/{one.name}"}
        return {"video_name": one.name, **urls, **about, **state, "created_at": TIME, "updated_at": TIME}

    def _changeable(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self.kept and name != "stuck.png"]

    def _told(self, schemas: Sequence[str], **values: Any) -> dict[str, Any]:
        """Return an answer as the release has it: the first of the schemas that is its own, with what that has."""
        more = {"affected_boards": [], "failed_images": []}
        schema = next(name for name in schemas if name in self.document.schemas)
        return self.document.fitted(schema, more | values)

    def _star_images_in_list(self, image_names: Sequence[str]) -> Said:
        return self._star(image_names, True, "starred_images", "StarredImagesResult")

    def _unstar_images_in_list(self, image_names: Sequence[str]) -> Said:
        return self._star(image_names, False, "unstarred_images", "UnstarredImagesResult")

    def _star(self, names: Sequence[str], starred: bool, key: str, schema: str) -> Said:
        done = self._changeable(names)
        for name in done:
            self.kept[name].starred = starred
        values = {key: done, "updated_image_names": done}
        return 200, self._told([schema, "ImagesUpdatedFromListResult"], **values)

    def _delete_images_from_list(self, image_names: Sequence[str]) -> Said:
        done = self._changeable(image_names)
        for name in done:
            del self.kept[name]
        return 200, self._told(["DeleteImagesResult", "DeleteImagesFromListResult"], deleted_images=done)

    def _delete_uncategorized_images(self) -> Said:
        loose = [one.name for one in self.kept.values() if one.board_id is None]
        return self._delete_images_from_list(loose)

    def _list_boards(self, include_archived: bool, **_page: Any) -> Said:
        return 200, [self._board(i) for i, board in self.boards.items() if include_archived or not board["archived"]]

    def _create_board(self, board_name: str, **_privacy: Any) -> Said:
        board_id = f"board-{len(self.boards)}"
        self.boards[board_id] = {"board_name": board_name, "archived": False}
        return 201, self._board(board_id)

    def _update_board(self, board_id: str, **changes: Any) -> Said:
        self.boards[board_id] |= changes
        return 201, self._board(board_id)

    def _delete_board(self, board_id: str, include_images: bool) -> Said:
        del self.boards[board_id]
        own = [one.name for one in self.kept.values() if one.board_id == board_id]
        for name in own:
            self.kept[name].board_id = None
        deleted = self._delete_images_from_list(own)[1]["deleted_images"] if include_images else []
        values = {"board_id": board_id, "deleted_board_images": own, "deleted_images": deleted}
        return 200, self._told(["DeleteBoardResult"], **values)

    def _list_all_board_image_names(self, board_id: str, **_filters: Any) -> Said:
        return 200, [one.name for one in self.kept.values() if (one.board_id or "none") == board_id]

    def _board(self, board_id: str) -> dict[str, Any]:
        more = {"board_id": board_id, "cover_image_name": None, "user_id": "system"}
        return self.document.fitted("BoardDTO", {**BOARD, **self.boards[board_id], **more})

    def _add_images_to_board(self, board_id: str, image_names: Sequence[str]) -> Said:
        done = self._changeable(image_names)
        for name in done:
            self.kept[name].board_id = board_id
        values = {"board_id": board_id, "added_images": done, "added_image_names": done}
        return 201, self._told(["AddImagesToBoardResult"], **values)

    def _remove_images_from_board(self, image_names: Sequence[str]) -> Said:
        done = self._changeable(image_names)
        for name in done:
            self.kept[name].board_id = None
        return 201, self._told(["RemoveImagesFromBoardResult"], removed_images=done, removed_image_names=done)
