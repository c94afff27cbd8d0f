"""The rules of the house, as programs: what a reader may rely on in every file."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

PROJECT = Path(__file__).resolve().parents[2]
FLOORS = ("selfbilling", "relays", "invoices")
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
COLLECTORS = {"core", "common", "utils", "helpers", "services", "misc", "lib"}
EDGES = {"invoices/working.py"}
"""Where a process meets what it cannot foresee."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*roots: str) -> list[Path]:
    """The Python files of these folders, without migrations."""
    files = (file for root in roots for file in (PROJECT / root).rglob("*.py"))
    return sorted(file for file in files if "migrations" not in file.parts)


PRODUCT = sources(*FLOORS)
TESTS = sources("tests")


def trees(files: list[Path]) -> Iterator[tuple[str, ast.Module]]:
    return ((str(file.relative_to(PROJECT)), ast.parse(file.read_text())) for file in files)


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def test_a_file_and_a_function_are_about_one_thing() -> None:
    lengths = {file: len(file.read_text().splitlines()) for file in [*PRODUCT, *TESTS]}
    long = [f"{file.relative_to(PROJECT)}: {lines} lines" for file, lines in lengths.items() if lines > LONGEST_FILE]
    spans = [(f"{name}: {f.name}", (f.end_lineno or 0) - f.lineno + 1) for name, tree in trees([*PRODUCT, *TESTS]) for f in functions(tree)]
    assert long + [f"{name}: {lines} lines" for name, lines in spans if lines > LONGEST_FUNCTION] == []


def test_what_is_public_says_what_it_is() -> None:
    silent = []
    for name, tree in trees(PRODUCT):
        if tree.body and not ast.get_docstring(tree):
            silent.append(name)
        public = [node for node in tree.body if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_")]
        methods = [node for scope in public if isinstance(scope, ast.ClassDef) for node in scope.body if isinstance(node, Function)]
        documented = [*public, *(method for method in methods if not method.name.startswith("_"))]
        silent += [f"{name}: {node.name}" for node in documented if not ast.get_docstring(node)]
    assert silent == []


def test_nothing_is_hidden() -> None:
    """No save() override, no signal's receiver, no print outside a command's stdout."""
    found = []
    for name, tree in trees(PRODUCT):
        found += [f"{name}: save()" for function in functions(tree) if function.name == "save"]
        imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
        found += [f"{name}: a signal's receiver" for alias in imported if alias == "receiver"]
    assert found == []


def test_errors_are_swallowed_only_at_the_edges_of_processes() -> None:
    def is_broad(handler: ast.ExceptHandler) -> bool:
        return handler.type is None or (isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"})

    broad = {name for name, tree in trees(PRODUCT) for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and is_broad(node)}
    assert broad <= EDGES


def test_tests_run_the_real_thing_and_never_sleep() -> None:
    found = []
    for name, tree in trees(TESTS):
        modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        found += [f"{name}: {module}" for module in modules if module.startswith(("unittest.mock", "mock", "pytest_mock"))]
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        found += [f"{name}: sleep" for call in calls if isinstance(call, ast.Attribute) and call.attr == "sleep"]
    assert found == []


def test_no_folder_or_file_collects() -> None:
    named = {file.stem for file in PRODUCT} | {part for file in PRODUCT for part in file.relative_to(PROJECT).parts[:-1]}
    assert not named & COLLECTORS


def test_beside_the_floors_stands_only_what_tools_expect() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout.split("\n")
    expected = {".ci", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "docs", "manage.py", "pyproject.toml"}
    expected |= {"requirements.txt", "requirements-dev.txt", "templates", "tests", *FLOORS}
    assert {name.partition("/")[0] for name in listed if name} <= expected


def _ours() -> list[type[models.Model]]:
    return [model for floor in FLOORS for model in apps.get_app_config(floor).get_models()]


def test_what_is_pointed_at_is_protected() -> None:
    loose = [
        f"{model.__name__}.{field.name}"
        for model in _ours()
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey) and field.remote_field.on_delete is not models.PROTECT
    ]
    assert set(loose) <= DELETED_TOGETHER


DELETED_TOGETHER = {"Band.tariff_set", "DraftLine.draft", "DraftVat.draft"}
"""Parts that have no life without their whole, which itself may still be replaced."""


def test_migrations_have_one_leaf_and_a_way_back() -> None:
    loader = MigrationLoader(None)
    for floor in FLOORS:
        assert len(loader.graph.leaf_nodes(floor)) == 1
    one_way = [
        str(migration)
        for (app, _), migration in loader.disk_migrations.items()
        if app in FLOORS
        for operation in migration.operations
        if isinstance(operation, migrations.RunPython | migrations.RunSQL) and not operation.reversible
    ]
    assert one_way == []
