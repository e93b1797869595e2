"""Mutate the verifier: each of its checks is switched off in turn, and the suite has to notice.

    python -m tests.benchmarks.mutate_verifier

Works on a copy of the package. Prints each mutant that survives and exits 1 if there is one.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = Path("lipbuild/certify/verify/verify.py")
TESTS = Path("tests/certify/verify")


def mutants(source: str) -> list[tuple[str, str]]:
    """What was changed, and the changed source: each `if` that leads to a failure never taken."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.If):
            continue
        consequences = " ".join(ast.unparse(statement) for statement in node.body)
        if "_Malformed" in consequences or "Failure(" in consequences:
            tree = ast.parse(source)
            for other in ast.walk(tree):
                if isinstance(other, ast.If) and other.lineno == node.lineno:
                    other.test = ast.Constant(False)
            found.append((f"line {node.lineno}: if {ast.unparse(node.test)}", ast.unparse(tree)))
    return found


def main() -> int:
    """Run the verifier's tests on each mutant; the exit status is 1 where one survives."""
    survivors = []
    with tempfile.TemporaryDirectory() as folder:
        for part in ("lipbuild", "tests"):
            shutil.copytree(ROOT / part, Path(folder) / part)
        shutil.copy(ROOT / "pyproject.toml", folder)
        target = Path(folder) / VERIFIER
        source = target.read_text()
        # The copy comes first on the path of the tests.
        environment = {**os.environ, "PYTHONPATH": folder}
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(TESTS)]
        # A verifier that fails on everything shows that it is the copy that is tested.
        cases = [("nothing", source), ("everything", "raise ImportError"), *mutants(source)]
        for name, text in cases:
            target.write_text(text)
            status = subprocess.run(
                command, cwd=folder, env=environment, capture_output=True, check=False
            ).returncode
            if name == "nothing":
                if status != 0:
                    print("the tests fail on the verifier as it is")
                    return 1
                continue
            if name == "everything":
                if status == 0:
                    print("the tests do not run on the copy")
                    return 1
                continue
            print(f"{'caught  ' if status else 'SURVIVED'} {name}", flush=True)
            if not status:
                survivors.append(name)
    print(f"{len(cases) - 2 - len(survivors)} of {len(cases) - 2} mutants caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
