"""Build the two distributions: `lipbuild-core`, the code and what the light commands need, and `lipbuild`, the rest.

    python packaging/make_distributions.py [FOLDER]        # make dist: wheels and source distributions in dist/

`lipbuild-core` holds the package `lipbuild` and its command. `lipbuild` holds no file: it depends on `lipbuild-core` of
its own version with the extra `train`. So both can be installed in one environment, in any order, and whatever is
removed leaves the other one whole. What each needs is read from pyproject.toml. Needs the package `build`.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from requirements import BUILD, LIGHT, PROJECT, ROOT, light_requirements, name_of, requirements

FILES = ("README.md", "LICENSE", "CHANGELOG.md", "CITATION.cff")
KEPT = ("description", "license", "requires-python", "authors", "keywords", "classifiers")
IGNORED = shutil.ignore_patterns("__pycache__", "*.py[co]")


def version() -> str:
    """The version of both."""
    found = re.search(r'"(.+?)"', (ROOT / "lipbuild" / "_version.py").read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def extras() -> dict[str, list[str]]:
    """The extras but `all`, with what they need beyond the light commands."""
    stated = PROJECT["project"]["optional-dependencies"]
    return {
        name: [one for one in needed if name_of(one) not in LIGHT]
        for name, needed in stated.items()
        if name != "all"
    }


def core() -> dict[str, Any]:
    """The project of `lipbuild-core`."""
    heavy = [one for one in requirements() if name_of(one) not in LIGHT]
    return {
        "name": "lipbuild-core",
        "dependencies": light_requirements(),
        "optional-dependencies": {"train": heavy, **extras()},
        "scripts": PROJECT["project"]["scripts"],
    }


def full() -> dict[str, Any]:
    """The project of `lipbuild`."""
    named = {name: [f"lipbuild-core[{name}]=={version()}"] for name in extras()}
    return {
        "name": "lipbuild",
        "dependencies": [f"lipbuild-core[train]=={version()}"],
        "optional-dependencies": {**named, "all": [f"lipbuild-core[{','.join(named)}]=={version()}"]},
    }


def pyproject(project: dict[str, Any], *, code: bool) -> str:
    """The text of a pyproject.toml. JSON's strings and lists are TOML's."""
    kept = {key: PROJECT["project"][key] for key in KEPT}
    rows = {"version": version(), "readme": "README.md", "license-files": ["LICENSE"], **kept, **project}
    tables = {key: rows.pop(key) for key in ("optional-dependencies", "scripts") if key in rows}
    rows["authors"] = PROJECT["project"]["authors"]
    lines = ["[build-system]", f"requires = {json.dumps(BUILD)}", 'build-backend = "hatchling.build"', ""]
    lines += ["[project]", *(f"{key} = {_toml(value)}" for key, value in rows.items())]
    for name, table in tables.items():
        lines += [
            "",
            f"[project.{name}]",
            *(f"{json.dumps(key)} = {_toml(value)}" for key, value in table.items()),
        ]
    lines += [
        "",
        "[tool.hatch.build.targets.wheel]",
        'packages = ["lipbuild"]' if code else "bypass-selection = true",
    ]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return json.dumps(value, ensure_ascii=False)


def main() -> None:
    """Build both."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "dist").resolve()
    with tempfile.TemporaryDirectory() as name:
        for project in (core(), full()):
            folder = Path(name) / project["name"]
            folder.mkdir()
            code = project["name"] == "lipbuild-core"
            (folder / "pyproject.toml").write_text(pyproject(project, code=code), encoding="utf-8")
            for file in FILES:
                shutil.copy(ROOT / file, folder)
            if code:
                shutil.copytree(ROOT / "lipbuild", folder / "lipbuild", ignore=IGNORED)
            subprocess.run([sys.executable, "-m", "build", "--outdir", str(target), str(folder)], check=True)


if __name__ == "__main__":
    main()
