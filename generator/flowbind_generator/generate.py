"""load -> resolve -> render -> format -> verify: from a project's exports to the files that should be there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

from flowbind.digest import text_sha256
from flowbind_generator.building import Basis, class_name_of, module_called, module_name, read_export, reserved_names
from flowbind_generator.class_schemas import IMPORT
from flowbind_generator.class_schemas import NAME as FIELD_TYPES
from flowbind_generator.diagnostics import Refused, Report
from flowbind_generator.engines import Catalog, engine
from flowbind_generator.field_classes import field_types
from flowbind_generator.format import format_sources
from flowbind_generator.ir import Module
from flowbind_generator.made_with import options, tools
from flowbind_generator.manifest import NAME, PACKAGE_FILES, Manifest, engine_of_entry, entry_of
from flowbind_generator.modelling import Schema
from flowbind_generator.project import Project
from flowbind_generator.reading import MOST_OWN_BYTES, read_file
from flowbind_generator.render import render_field_types, render_init, render_module
from flowbind_generator.verify import NotAsPlanned, verify_field_types, verify_module, verify_package


@dataclass(frozen=True)
class Plan:
    """The files that should be there, by name, the manifest among them, and what was found on the way."""

    files: dict[str, bytes]
    manifest: Manifest
    modules: list[Module]
    reports: list[Report] = field(default_factory=list[Report])

    @property
    def refused(self) -> bool:
        """Tell whether any export was refused."""
        return any(r.refused for r in self.reports)


def plan(
    project: Project,
    catalogs: Mapping[str, Catalog],
    manifest: Manifest,
    only: Sequence[Path] = (),
    *,
    rename: bool = False,
    strict: bool = False,
) -> Plan:
    """Return what the output folder should hold.

    With `only`, the other workflows stay as the manifest has them. A refused export keeps what it had. With `rename`,
    attributes are named after today's labels. With `strict`, what is not understood refuses an export.
    """
    paths = list(only) or _all_exports(project, manifest)
    sources = [project.source(p) for p in paths]
    reports = {source: Report(source, strict=strict) for source in sources}
    kept = {s: e for s, e in manifest.workflows.items() if only or s in reports}
    exports = {s: read_export(p, s, reports[s]) for p, s in zip(paths, sources, strict=True)}
    of_engine = {s: engine_of_entry(e) for s, e in kept.items()}
    of_engine |= {s: export.engine.NAME for s, export in exports.items() if export}
    names = _module_names(reports, {s: str(e["module"]) for s, e in kept.items()}, of_engine)
    basis = Basis(project, catalogs, manifest.without_names() if rename else manifest)
    modules: list[Module] = []
    owners = {str(e["class_name"]): s for s, e in kept.items()}
    for source, export in exports.items():
        name = names.get(source)
        module = module_called(name, export, basis, reports[source]) if name and export else None
        # A class that is not called like its file, because an object is, may get the name of another.
        if module and owners.setdefault(module.class_name, source) != source:
            _tell_wanted_twice(module.class_name, [owners[module.class_name]], reports[source])
        elif module:
            modules.append(module)
    made = {m.source for m in modules}
    entries = {source: entry for source, entry in kept.items() if source not in made}
    schemas = _field_types(modules, entries.values(), manifest)
    files = _render(modules, entries.values(), schemas, project.output)
    files |= {n: data for e in entries.values() for n in e["files"] if (data := _as_it_is(project.output / n))}
    spec = _spec(catalogs, {m.engine for m in modules}, replace(manifest, workflows=entries))
    state = _state(project, bool(schemas), manifest if entries else Manifest())
    for m in modules:
        file_digest = _file_digest(m, manifest)
        entries[m.source] = entry_of(m, {n: files[n] for n in m.files}, file_digest, reports[m.source])
    package = {name: text_sha256(files[name]) for name in sorted(PACKAGE_FILES & files.keys())}
    new = Manifest(entries, package, schemas, spec, *state)
    unknown = _unknown_types(project, map(catalogs.__getitem__, sorted(set(of_engine.values()))))
    return Plan({**files, NAME: new.text().encode()}, new, modules, [*reports.values(), *unknown])


def _spec(catalogs: Mapping[str, Catalog], made: Iterable[str], kept: Manifest) -> dict[str, Mapping[str, str | None]]:
    """Return what the manifest says of the documents of the engines that were used, or that it keeps entries of.

    As long as it keeps an entry that was made from another document, it says that one: digests must not call it fresh.
    """
    spec = {name: kept.spec[name] for name in sorted({engine_of_entry(entry) for entry in kept.workflows.values()})}
    for name in made:
        catalog = catalogs[name]
        if name not in spec or spec[name]["digest"] == catalog.digest:
            told = {"app_version": catalog.app_version, "digest": catalog.digest, "file_digest": catalog.file_digest}
            spec[name] = told
    return spec


def _state(project: Project, with_objects: bool, kept: Manifest) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """Return what the manifest says of the tools and the settings; of other ones where an entry was made with them."""
    releases, chosen = tools(with_objects), options(project)
    if not kept.workflows:
        return releases, chosen
    return {tool: kept.generator.get(tool, release) for tool, release in releases.items()}, kept.options


def _unknown_types(project: Project, catalogs: Iterable[Catalog]) -> Iterable[Report]:
    """Tell which schemas of the settings no server's document has."""
    if not project.field_types:
        return
    documents = [catalog.schema_names for catalog in catalogs]
    known = frozenset[str]().union(*documents)
    for name in sorted(set(project.field_types) - known) if documents else ():
        report = Report("pyproject.toml")
        near = get_close_matches(name, known, n=3)
        report.warning(
            "FB504",
            f"[tool.flowbind.field_types] names {name}, which the server's document does not have.",
            f"Did you mean {' or '.join(near)}?" if near else "Take it out, or pin the document that has it.",
        )
        yield report


def _file_digest(module: Module, manifest: Manifest) -> str:
    """Return the digest of an export's bytes; that of the manifest, as long as only its formatting changed."""
    entry = manifest.workflows.get(module.source, {})
    same = entry.get("digest") == module.source_digest
    return str(entry.get("file_digest", module.file_digest)) if same else module.file_digest


def _field_types(modules: Sequence[Module], kept: Iterable[Mapping[str, Any]], manifest: Manifest) -> dict[str, Schema]:
    """Return the schemas of all objects that inputs take; those of kept workflows as they were."""
    names = {name for entry in kept for name in entry.get("field_types", ())}
    schemas = {name: schema for name, schema in manifest.field_types.items() if name in names}
    return schemas | {name: schema for module in modules for name, schema in module.field_types.items()}


def _render(
    modules: Sequence[Module], kept: Iterable[Mapping[str, Any]], schemas: Mapping[str, Schema], folder: Path
) -> dict[str, bytes]:
    """Return the files of the modules, and those of the package around them and the kept workflows.

    What would be written to the folder is verified; what is there already was.
    """
    planned = field_types(schemas) if any(IMPORT not in schema for schema in schemas.values()) else None
    named = [(e["class_name"], e["module"]) for e in kept] + [(m.class_name, m.name) for m in modules]
    files = {"__init__.py": render_init(named), "py.typed": ""}
    if planned:
        files[f"{FIELD_TYPES}.py"] = render_field_types(planned)
    for module in modules:
        files |= render_module(module)
    files |= format_sources({name: text for name, text in files.items() if name.endswith(".py")})
    encoded = {name: text.encode() for name, text in files.items()}
    changed = {name for name, data in encoded.items() if _as_it_is(folder / name) != data}
    if planned and f"{FIELD_TYPES}.py" in changed:
        _proved(f"{FIELD_TYPES}.py", partial(verify_field_types, files[f"{FIELD_TYPES}.py"], planned))
    if "__init__.py" in changed:
        _proved("__init__.py", partial(verify_package, files["__init__.py"], render_init([]), named))
    for module in modules:
        if f"{module.name}.py" in changed:
            _proved(module.source, partial(verify_module, files, module))
    return encoded


def _proved(source: str, verify: Callable[[], None]) -> None:
    try:
        verify()
    except (NotAsPlanned, SyntaxError, ValueError) as error:
        report = Report(source)
        report.error("FB503", f"The rendered module is not what was planned: {error}.", "Please report this file.")
        raise Refused(report) from error


def _all_exports(project: Project, manifest: Manifest) -> list[Path]:
    found = project.exports()
    inside = {project.source(p) for p in found}
    elsewhere = [project.path(s) for s in manifest.workflows if s not in inside and project.path(s).is_file()]
    return found + elsewhere


def _module_names(
    reports: Mapping[str, Report], pinned: Mapping[str, str], of_engine: Mapping[str, str]
) -> dict[str, str]:
    """Give each export its module name: pinned, else the snake case of its file name; a class belongs to one file."""
    names = {source: pinned.get(source) or module_name(Path(source).stem) for source in reports if source in of_engine}
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for source, name in {**names, **{s: n for s, n in pinned.items() if s not in names}}.items():
        owners[class_name_of(name, reserved_names(engine(of_engine[source])))].append(source)
    for name, claims in owners.items():
        holder = next((s for s in claims if s in pinned), None)
        for source in claims:
            if len(claims) > 1 and source != holder and source in reports:
                _tell_wanted_twice(name, [s for s in claims if s != source], reports[source])
                del names[source]
    return names


def _tell_wanted_twice(name: str, others: Sequence[str], report: Report) -> None:
    message = f'The class name "{name}" is wanted by {", ".join(others)}, too.'
    report.error("FB501", message, "Rename one of the files.")


def _as_it_is(path: Path) -> bytes:
    return read_file(path, MOST_OWN_BYTES) if path.is_file() else b""
