"""The verifier shares nothing with the prover but the file format."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lipbuild.verifier as package

FOLDER = Path(package.__file__).parent
NAME = "lipbuild.verifier"


def _imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield node.module or ""


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_a_file_imports_numpy_h5py_the_standard_library_and_its_neighbours(path):
    for name in _imports(path):
        first = name.split(".")[0]
        own = name == NAME or name.startswith(f"{NAME}.")
        # python-flint is for what is asked to be exact, inside a function.
        assert own or first in {"numpy", "h5py", "flint"} or first in sys.stdlib_module_names, name
        assert first != "flint" or path.stem == "exact"


def test_the_documentation_says_how_long_it_is():
    files = list(FOLDER.rglob("*.py"))
    lines = code = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        lines += len(text.splitlines())
        documented = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
                documented |= set(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
        numbered = enumerate(text.splitlines(), 1)
        code += sum(
            bool(t.strip()) and not t.strip().startswith("#") and i not in documented for i, t in numbered
        )
    stated = f"{len(files)} files of {round(lines, -2):,} lines, {round(code, -2):,} of them code"
    assert stated in (FOLDER.parents[1] / "docs" / "certificates.md").read_text(encoding="utf-8")


def test_no_file_is_long():
    for path in FOLDER.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 350, path


PROGRAM = """
import json, sys
from pathlib import Path
from lipbuild.verifier import verify
verdict = verify(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()))
assert verdict.holds, verdict.failures
print(*sys.modules)
"""


def test_verifying_loads_neither_keras_nor_anything_of_lipbuild_but_the_verifier(main, models):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, main.path, models / "main.json"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert not {"keras", "tensorflow", "scipy", "pydantic", "flint"} & loaded
    own = {name for name in loaded if name.startswith("lipbuild")}
    assert own - {"lipbuild", "lipbuild._lazy", "lipbuild._version"} <= {
        name for name in own if name.startswith(NAME)
    }


def test_the_folder_alone_is_a_verifier(main, models, tmp_path):
    target = tmp_path / "lipbuild"
    shutil.copytree(FOLDER, target / "verifier", ignore=shutil.ignore_patterns("__pycache__"))
    (target / "__init__.py").write_text("")
    command = [sys.executable, "-m", NAME, main.path, models / "main.json", models / "main.npz"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=tmp_path, env={"PATH": ""}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("holds\n")
