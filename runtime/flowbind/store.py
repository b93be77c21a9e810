"""Changed copies of workflows as new exports: `flowbind.save`, and `flowbind.Store`, a folder of exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flowbind.errors import InvalidPath
from flowbind.extras import extra_needed
from flowbind.loading import load
from flowbind.workflow import Workflow

if TYPE_CHECKING:
    from flowbind.loaded import LoadedWorkflow
    from flowbind_generator.store import StoredExports


def save(workflow: Workflow[Any], path: str | Path, *, spec: str | None = None) -> Path:
    """Write an instance as an export that the editor opens; return the file's path.

    It is what a run of the instance would store with its pictures: the same nodes, with the values that were set.
    `RANDOM` is drawn now. Before anything is written, the copy is read back, and has to post what the instance posts.
    Folders are made, an existing file is replaced. What the project declares public of the workflow is declared of the
    copy, too, in a file beside it, unless something is declared there already. `spec` is a file or URL of the server's
    own document, instead of the project's. Needs the extra `flowbind[generator]`.

    Raises `flowbind.errors.InputError` for values that no file holds: pictures of this machine, models and boards
    by a mere name, and what the workflow has no place for; `flowbind.errors.InvalidPath` for a path that does not
    end in `.json`, or is a folder; and `flowbind_generator.diagnostics.Refused` with the findings where flowbind
    could not read the copy.
    """
    from flowbind.instances import check_instance

    check_instance(workflow, type(workflow).__server__ if isinstance(workflow, Workflow) else "")
    with extra_needed("flowbind.save", "generator"):
        from flowbind_generator.copying import save_copy
        from flowbind_generator.project import find_project
        from flowbind_generator.spec import Catalogs
    if str(path).endswith(("/", "\\")):
        raise InvalidPath(f"{path} is a folder: give the path of a file.")
    project = find_project()
    save_copy(workflow, Path(path), project, Catalogs(project, spec))
    return Path(path)


class Store:
    """A folder of exports, by their names: paths inside of it with slashes, and without an ending ("quick/poster").

    Its exports are found as `flowbind generate` finds them. Nothing is remembered: all that is there now counts.
    """

    def __init__(self, folder: str | Path | None = None, *, spec: str | None = None) -> None:
        """Take a folder, which need not be there yet; by default the project's folder of workflows.

        `spec` is a file or URL of the server's own document, instead of the project's. Needs the extra
        `flowbind[generator]`. Raises `flowbind.errors.InvalidPath` for the path of a file.
        """
        with extra_needed("flowbind.Store", "generator"):
            from flowbind_generator.project import find_project
            from flowbind_generator.store import StoredExports
        project = find_project()
        self._exports: StoredExports = StoredExports(project, project.workflows if folder is None else Path(folder))
        self._spec = spec
        if self.folder.is_file():
            raise InvalidPath(f"{self.folder} is a file: give a folder.")

    @property
    def folder(self) -> Path:
        """The folder, as an absolute path."""
        return self._exports.folder

    def names(self) -> list[str]:
        """Return the names of all exports, in order; raises nothing for a folder that is not there."""
        return list(self._exports.by_name())

    def load(self, name: str) -> LoadedWorkflow:
        """Return what `flowbind.load` gives for the export of a name.

        Raises `flowbind.errors.ExportNotFound` where there is none, or several; `flowbind.errors.InvalidPath` for what
        is no name, since it leads out of the folder, say; and what `flowbind.load` raises.
        """
        return load(self._exports.file(name), spec=self._spec)

    def save(self, name: str, workflow: Workflow[Any]) -> Path:
        """Write an instance as the export of a name, as `flowbind.save` does; return the file's path.

        An export of the name is replaced. Raises `flowbind.errors.InvalidPath` for a name that not every system takes
        for one of a file, that leads out of the folder, or that differs from another one only in case; and what
        `flowbind.save` raises.
        """
        return save(workflow, self._exports.target(name), spec=self._spec)

    def __contains__(self, name: object) -> bool:
        return name in self._exports.by_name()

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self._exports.by_name())

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r})"
