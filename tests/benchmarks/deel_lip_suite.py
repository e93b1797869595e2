"""Run deel-lip's own test suite on lipbuild.

    python tests/benchmarks/deel_lip_suite.py CHECKOUT [--on deel-lip] [-k EXPRESSION]

CHECKOUT is a working tree of deel-lip's branch keras3. Its tests are copied to a temporary folder, and the imports of
`tests/utils_framework.py`, the one file that names deel-lip, are pointed at lipbuild; nothing else is changed. With
`--on deel-lip` they run on deel-lip itself. Some minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def pointed_at_lipbuild(text: str) -> str:
    """The imports of deel-lip as imports of lipbuild."""
    text = re.sub(r"^from deel\.lip import", "from lipbuild import", text, flags=re.MULTILINE)
    return re.sub(r"^from deel\.lip\.", "from lipbuild.", text, flags=re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--on", choices=["lipbuild", "deel-lip"], default="lipbuild")
    parser.add_argument("-k", default="", help="which tests, as pytest has it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(options.checkout / "tests", folder / "tests")
        framework = folder / "tests" / "utils_framework.py"
        paths = [str(folder)]
        if options.on == "lipbuild":
            framework.write_text(pointed_at_lipbuild(framework.read_text(encoding="utf-8")), encoding="utf-8")
        else:
            paths.append(str(options.checkout))
        # The tests write next to themselves.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:warnings"]
        command += ["--tb=line", "-k", options.k, "tests"]
        path = os.pathsep.join([*paths, os.environ.get("PYTHONPATH", "")])
        return subprocess.run(
            command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
