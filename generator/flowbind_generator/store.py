"""The exports of a folder by their names: relative paths with slashes, without an ending."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path, PurePosixPath

from flowbind.errors import ExportNotFound, InvalidPath
from flowbind.outside import one_line
from flowbind.saving import is_file_name
from flowbind_generator.copying import SUFFIX
from flowbind_generator.engines import engines, suffixes
from flowbind_generator.project import Project


class StoredExports:
    """The exports of a folder, found as the project finds its own; all methods look what is there now."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.folder = folder.absolute()
        self._project = project

    def by_name(self) -> Mapping[str, list[Path]]:
        """Return the files of each name, in order; a link that leads out of the folder is none."""
        documents = set(map(self._project.pinned, engines()))
        found: defaultdict[str, list[Path]] = defaultdict(list)
        for path in replace(self._project, workflows=self.folder).exports():
            if path not in documents and (not path.is_symlink() or self._is_inside(path)):
                found[path.relative_to(self.folder).with_suffix("").as_posix()].append(path)
        return {name: found[name] for name in sorted(found)}

    def file(self, name: str) -> Path:
        """Return the file of a name.

        Raises `InvalidPath` for what is no name, `ExportNotFound` where there is none of it, or several.
        """
        known = self.by_name()
        paths = known.get(name, [])
        if len(paths) == 1:
            return paths[0]
        if paths:
            files = " and ".join(path.name for path in paths)
            raise ExportNotFound(f"{_told(name)} is the name of {files}: rename one of the files.")
        self._check_name(name)
        near = get_close_matches(name, known, n=3) or list(known)[:3]
        hint = f"Nearest: {', '.join(map(one_line, near))}." if near else "There is no export at all."
        raise ExportNotFound(f"{one_line(str(self.folder), 200)} has no export {_told(name)}. {hint}")

    def target(self, name: str) -> Path:
        """Return where a copy of a name is written; raises `InvalidPath` for a name that cannot be that of a file."""
        known = self.by_name()
        paths = known.get(name, [])
        own = [path for path in paths if path.suffix.lower() == SUFFIX]
        if own and len(paths) == 1:
            return own[0]
        if paths:
            raise InvalidPath(
                f"{_told(name)} is the name of {' and '.join(path.name for path in paths)}, and copies are written as "
                "JSON: give another name, or move the file away."
            )
        self._check_name(name)
        if twin := next((other for other in known if _are_twins(name, other)), None):
            raise InvalidPath(f"{_told(name)} differs from {_told(twin)} only in how it is written: give that name.")
        path = self.folder.joinpath(*name.split("/")[:-1], PurePosixPath(name).name + SUFFIX)
        if not self._is_inside(path.parent):
            raise InvalidPath(f"{_told(name)} leads out of the folder by a link: give another name.")
        for parent in path.parents[: len(path.relative_to(self.folder).parts) - 1]:
            if parent.exists() and not parent.is_dir():
                raise InvalidPath(f"{_told(name)}: {parent.name} is a file: give another name.")
            if (parent / "pyproject.toml").exists():
                raise InvalidPath(f"{_told(name)}: {parent.name} is a project of its own: give another name.")
        if path in {replace(self._project, workflows=self.folder).pinned(known) for known in engines()}:
            raise InvalidPath(f"{path.name} is where the server's own document is pinned: give another name.")
        return path

    def _is_inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self.folder.resolve())

    def _check_name(self, name: str) -> None:
        """Raise `InvalidPath` for what cannot be the name of an export on every system."""
        parts = name.split("/")
        if not all(map(is_file_name, [*parts, parts[-1] + SUFFIX])):
            raise InvalidPath(
                f"{_told(name)} is no name of an export: names are paths inside of the folder, with slashes, of parts "
                "that every system takes for file names."
            )
        if ending := next((ending for ending in suffixes() if name.lower().endswith(ending)), None):
            raise InvalidPath(f"{_told(name)}: names have no ending; leave {ending} out.")


def _are_twins(one: str, other: str) -> bool:
    """Tell whether two names lead to one file or folder on systems that do not tell how letters are written."""
    (*ways, name), (*other_ways, other_name) = one.split("/"), other.split("/")
    for mine, its in zip(ways, other_ways, strict=False):
        if mine != its:
            return _folded(mine) == _folded(its)
    return ways == other_ways and _folded(name) == _folded(other_name)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _told(name: str) -> str:
    return f'"{one_line(name, 200)}"'
