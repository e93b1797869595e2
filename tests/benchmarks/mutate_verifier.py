"""Mutate the verifier: each of its checks is switched off in turn, and the suite has to notice.

    python -m tests.benchmarks.mutate_verifier [--jobs 2] [--only FILE...]

A check is an `if` that leads to a refusal, a failure or `return False`, which is never taken; a `require`, whose
condition is made true; and a result of a function that returns a truth value, which is made true. Works on copies of
the package; the models that the tests need are made once. Prints each mutant that survives and exits 1 if there is one.
"""

from __future__ import annotations

import argparse
import ast
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = Path("lipbuild/verifier")
TESTS = [
    Path("tests/verifier") / f"{name}.py"
    for name in (
        "test_refusals",
        "test_tampered_models",
        "test_tampered_certificates",
        "test_honest_certificates",
        "test_not_finite",
        "test_fuzz",
        "test_proofs",
        "test_two_readers",
        "test_what_keras_reads",
    )
]
# Programs of their own say nothing of a check that the other tests do not, and proofs in integers are a file's own.
SKIPPED, INTEGERS = "not test_the_program and not integers", "integers"
_SECONDS = 300
LEADS = (
    "RefusedError",
    "UnreadableError",
    "ArithmeticError",
    "ValueError",
    ".fail(",
    ".refuse(",
    "return False",
)

# What is switched off without a difference that a test could see, and why.
EQUIVALENT = {
    ("model_file.py", "info.file_size > _LARGEST[info.filename]"): "a file of gigabytes would be needed",
    (
        "floats.py",
        "not nearest or (tiny * 0.5)[0] * 2.0 != tiny[0]",
    ): "arithmetic of another kind would be needed",
}


def mutants(path: Path) -> Iterator[tuple[str, str]]:
    """What was changed, and the changed source."""
    source = path.read_text(encoding="utf-8")
    for number, node in enumerate(ast.walk(ast.parse(source))):
        replacement = _replacement(node)
        if replacement is None or (path.name, replacement[0]) in EQUIVALENT:
            continue
        tree = ast.parse(source)
        target = next(other for i, other in enumerate(ast.walk(tree)) if i == number)
        _apply(target)
        yield f"{path.name}:{getattr(node, 'lineno', 0)}: {replacement[1]}", ast.unparse(tree)
    yield from _results(path, source)


def _replacement(node: ast.AST) -> tuple[str, str] | None:
    """The text of a condition, and of what it decides."""
    if isinstance(node, ast.If):
        consequences = " ".join(ast.unparse(statement) for statement in node.body)
        if any(lead in consequences for lead in LEADS):
            text = ast.unparse(node.test)
            return text, f"if {text}"
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require":
        text = ast.unparse(node.args[0])
        return text, f"require {text}"
    return None


def _apply(node: ast.AST) -> None:
    if isinstance(node, ast.If):
        node.test = ast.Constant(False)
    elif isinstance(node, ast.Call):
        node.args[0] = ast.Constant(True)


def _results(path: Path, source: str) -> Iterator[tuple[str, str]]:
    """Each `return` of a function that returns a truth value, as `return True`."""
    for number, function in enumerate(ast.walk(ast.parse(source))):
        if not isinstance(function, ast.FunctionDef) or not isinstance(function.returns, ast.Name):
            continue
        if function.returns.id != "bool":
            continue
        returns = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
        for i, node in enumerate(returns):
            if node.value is None or ast.unparse(node.value) in ("True", "False"):
                continue
            tree = ast.parse(source)
            copy = next(other for j, other in enumerate(ast.walk(tree)) if j == number)
            target = [other for other in ast.walk(copy) if isinstance(other, ast.Return)][i]
            target.value = ast.Constant(True)
            yield f"{path.name}:{node.lineno}: return {ast.unparse(node.value)}", ast.unparse(tree)


class Copy:
    """A copy of the package and its tests, in which one file at a time is another."""

    def __init__(self, folder: Path, models: Path) -> None:
        self.folder = folder
        for part in ("lipbuild", "tests"):
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        # The copy comes first on the path of the tests.
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(folder),
            "LIPBUILD_TEST_MODELS": str(models),
            "PYTHONDONTWRITEBYTECODE": "1",
            "OMP_NUM_THREADS": "1",
        }

    def passes(self, name: str = "", text: str = "", *, integers: bool = False) -> bool:
        """Whether the tests pass with another text of a file, those of proofs in integers or the others."""
        path = self.folder / VERIFIER / name
        before = path.read_text(encoding="utf-8") if name else ""
        if name:
            path.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        command += ["-k", INTEGERS if integers else SKIPPED]
        try:
            done = subprocess.run(
                [*command, *map(str, TESTS)],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                check=False,
                # A mutant that no longer ends is caught; processor time, as a busy machine takes longer.
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS)),
            )
        finally:
            if name:
                path.write_text(before, encoding="utf-8")
        return done.returncode == 0


def main() -> int:
    """Run the verifier's tests on each mutant; the exit status is 1 where one survives."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--only", nargs="+", default=[""], help="mutate the files whose names have one of these"
    )
    arguments = parser.parse_args()
    files = [
        path
        for path in sorted((ROOT / VERIFIER).glob("*.py"))
        if any(part in path.name for part in arguments.only)
    ]
    cases = [(path.name, *mutant) for path in files for mutant in mutants(path)]
    survivors = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        command = "import sys; from pathlib import Path; from tests.verifier.zoo import save_models; "
        command += "save_models(Path(sys.argv[1]))"
        subprocess.run(
            [sys.executable, "-c", command, str(models)], cwd=ROOT, check=True, capture_output=True
        )
        copies: Queue[Copy] = Queue()
        for i in range(arguments.jobs):
            copies.put(Copy(folder / f"copy{i}", models))
        first = copies.get()
        if not first.passes():
            print("the tests fail on the verifier as it is")
            return 1
        # A verifier that fails on everything shows that it is the copy that is tested.
        if first.passes("verify.py", "raise ImportError"):
            print("the tests do not run on the copy")
            return 1
        copies.put(first)

        def survives(case: tuple[str, str, str]) -> bool:
            copy = copies.get()
            try:
                integers = case[0] == "exact.py" or "exactly_at_most" in case[1]
                return copy.passes(case[0], case[2], integers=integers)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(arguments.jobs) as pool:
            for case, survived in zip(cases, pool.map(survives, cases), strict=True):
                print(f"{'SURVIVED' if survived else 'caught  '} {case[1]}", flush=True)
                if survived:
                    survivors.append(case[1])
    print(
        f"{len(cases) - len(survivors)} of {len(cases)} mutants caught; {len(EQUIVALENT)} checks need more than a test"
    )
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
