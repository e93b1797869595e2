"""The house of the design: what each package may import, and what the command line loads."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

import lipbuild
from lipbuild._lazy import FUNCTIONS
from lipbuild.config.blocks import BLOCKS
from lipbuild.config.choices import (
    AUGMENTATION,
    AVERAGES,
    LOSSES,
    METRICS,
    OBJECTIVES,
    OPTIMIZERS,
    PRUNERS,
    SAMPLERS,
    SCHEDULES,
)
from lipbuild.config.preprocessing import PREPROCESSING
from lipbuild.config.sources import SOURCES
from lipbuild.fields.registry import Registry
from lipbuild.network.specs import LAYERS

PACKAGE = Path(lipbuild.__file__).parent

# What stands by itself, as deel-lip's packages do: Keras, and each other.
KERAS_FAMILY = {
    "layers",
    "losses",
    "metrics",
    "callbacks",
    "constraints",
    "initializers",
    "activations",
    "normalizers",
    "regularizers",
    "utils",
    "model",
    "compute_layer_sv",
    "testing",
}
BASICS = {"errors", "frozen", "margin", "missing", "plugins", "shares", "_version", "_lazy"}

# Each package, and what else of lipbuild it may import. Nothing flows backwards.
READING = {"reading", "text", "diagnostics", "fields", "network", "config", "rules", "outputs"}
TRUSTED = {"certifying", "saved", "guard"}
MAY_IMPORT: dict[str, set[str]] = {
    "reading": set(),
    "text": {"reading"},
    "diagnostics": {"text"},
    "fields": set(),
    "outputs": {"diagnostics"},
    "network": {"text", "diagnostics", "fields"},
    "config": {"reading", "text", "diagnostics", "fields", "network"},
    "rules": {"reading", "text", "diagnostics", "fields", "network", "config"},
    **dict.fromkeys(KERAS_FAMILY, KERAS_FAMILY | {"network"}),
    # What must be right stands alone.
    "verifier": set(),
    "certifying": set(),
    "saved": {"reading", "certifying"} | KERAS_FAMILY,
    "guard": {"network", "certifying", "saved", "verifier"} | KERAS_FAMILY,
    "runtimes": {"reading", "saved", "guard"},
    "data": READING,
    "building": READING | KERAS_FAMILY,
    "training": READING | KERAS_FAMILY | {"building", "data"},
    "evaluation": READING | KERAS_FAMILY | TRUSTED | {"building", "data", "training", "verifier"},
    "exporting": READING | KERAS_FAMILY | TRUSTED | {"building", "data", "training", "runtimes", "verifier"},
    "benchmarking": READING | KERAS_FAMILY | {"building", "data", "training"},
    "sweeping": READING
    | KERAS_FAMILY
    | TRUSTED
    | {"building", "data", "training", "evaluation", "reporting"},
    "importing": READING | KERAS_FAMILY | TRUSTED | {"building", "training"},
    "serving": READING
    | KERAS_FAMILY
    | TRUSTED
    | {"building", "data", "training", "evaluation", "exporting", "runtimes"},
    "reporting": READING
    | KERAS_FAMILY
    | TRUSTED
    | {"building", "data", "training", "evaluation", "exporting"},
}

# What only those may import who need it.
HEAVY = {"tensorflow", "keras", "numpy", "sklearn"}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(package: str) -> list[Path]:
    module = PACKAGE / f"{package}.py"
    return [module] if module.is_file() else sorted((PACKAGE / package).rglob("*.py"))


def imported_modules(path: Path, modules: set[str]) -> set[str]:
    """The modules of lipbuild that a file imports when it runs, wherever in it; not for its types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & modules
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            found |= {name if name in modules else node.module for name in names}
    return found


def test_no_modules_import_each_other_in_a_circle() -> None:
    paths = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        paths[name.removesuffix(".__init__")] = path
    graph = {module: imported_modules(path, set(paths)) - {module} for module, path in paths.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_no_function_of_the_api_has_the_name_of_a_package() -> None:
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert packages.isdisjoint(FUNCTIONS)


@pytest.mark.parametrize("package", ["certifying", "verifier"])
def test_what_must_be_right_imports_no_framework(package: str) -> None:
    allowed = {"numpy", "h5py", "flint", "lipbuild"} | set(sys.stdlib_module_names)
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files(package)
        for name in imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_a_package_imports_only_what_the_design_lets_it(package: str) -> None:
    allowed = MAY_IMPORT[package] | BASICS | {package}
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files(package)
        for name in imports(path)
        if name.startswith("lipbuild.") and name.split(".")[1] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize("package", sorted(KERAS_FAMILY))
def test_what_stands_by_itself_knows_of_networks_the_table_of_activations_alone(package: str) -> None:
    found = {name for path in files(package) for name in imports(path) if name.startswith("lipbuild.network")}
    table = "lipbuild.network.activations"
    assert {name for name in found if name != table and not name.startswith(f"{table}.")} == set()


@pytest.mark.parametrize("package", sorted(READING))
def test_what_reads_and_checks_configs_needs_no_numerics(package: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}: {name}"
        for path in files(package)
        for name in imports(path)
        # Arrays themselves are read with NumPy.
        if name.split(".")[0] in HEAVY and path != PACKAGE / "reading" / "arrays.py"
    ]
    assert wrong == []


CHECK = "from lipbuild.cli.run import run; import sys; assert run(sys.argv[1:]) == 0"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "configs/digits_mlp.yaml"],
        ["check", "--format", "sarif", "configs/digits_mlp.yaml"],
        ["check", "--fix", "--diff", "configs/digits_residual.yaml"],
        ["rules"],
        ["rules", "plain-dense"],
        ["schema"],
        ["--help"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_a_light_command_loads_no_numerics(arguments: list[str]) -> None:
    loaded = _loaded(CHECK, *arguments)
    assert loaded.isdisjoint(HEAVY)


def test_a_plain_check_loads_yaml_and_pydantic_alone_of_all_packages() -> None:
    installed = {"pydantic", "typer", "rich", "click", "jsonschema", "yaml"}
    assert _loaded(CHECK, "check", "configs/digits_mlp.yaml") & installed == {"pydantic", "yaml"}


def test_a_plain_check_looks_for_no_plugins_of_pydantics(tmp_path: Path) -> None:
    # It would read the metadata of every installed package, and load the plug-ins.
    (tmp_path / "plugged-1.0.dist-info").mkdir()
    (tmp_path / "plugged-1.0.dist-info" / "METADATA").write_text("Name: plugged\nVersion: 1.0\n")
    (tmp_path / "plugged-1.0.dist-info" / "entry_points.txt").write_text(
        "[pydantic]\nplugged = plugged:PLUGIN\n"
    )
    (tmp_path / "plugged.py").write_text("")
    path = f"import os, sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    loaded = _modules(path + CHECK, "check", "configs/digits_mlp.yaml")
    assert loaded.isdisjoint({"plugged", "importlib.metadata", "email", "socket"})
    made = path + "import pydantic; pydantic.create_model('Model', number=(int, 0))"
    assert "plugged" in _modules(made), "the plug-in would be found"


def test_a_plain_check_loads_the_files_of_what_its_config_names_alone() -> None:
    loaded = _modules(CHECK, "check", "configs/digits_mlp.yaml")
    unnamed = (BLOCKS, METRICS, AUGMENTATION, AVERAGES, PREPROCESSING, OBJECTIVES, PRUNERS, SAMPLERS)
    named: list[tuple[Registry[Any], set[str]]] = [
        (LAYERS, {"Flatten", "GroupSort2", "SpectralDense"}),
        (SOURCES, {"digits"}),
        (LOSSES, {"TauCategoricalCrossentropy"}),
        (OPTIMIZERS, {"Adam"}),
        (SCHEDULES, {"CosineDecay"}),
        *((registry, set()) for registry in unnamed),
    ]
    for registry, names in named:
        files = {cls.__module__ for cls in registry.values()}
        assert files & loaded == {registry[name].__module__ for name in names}


def test_importing_lipbuild_loads_next_to_nothing() -> None:
    loaded = _loaded("import lipbuild")
    assert loaded.isdisjoint(HEAVY | {"pydantic", "yaml", "typer", "rich"})


def _loaded(code: str, *arguments: str) -> set[str]:
    """The packages that a fresh Python has loaded after a piece of code."""
    return {name.split(".")[0] for name in _modules(code, *arguments)}


def _modules(code: str, *arguments: str) -> set[str]:
    """The modules that a fresh Python has loaded after a piece of code."""
    script = f"{code}\nimport sys\nprint('LOADED', *sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=PACKAGE.parent,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("LOADED"))
    return set(line.split()[1:])
