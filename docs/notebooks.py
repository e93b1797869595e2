"""Run the notebooks of `tutorials/` and write their pages anew: `python docs/notebooks.py [NAME…]`.

A notebook is the source of its page. Its cells are Python, `%%writefile FILE`, or lines of `!lipbuild …`, which are run
in this process: each would import TensorFlow anew otherwise. A test runs the notebooks with few epochs, and holds the
pages to them.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TUTORIALS = Path(__file__).parent / "tutorials"
IMAGES = TUTORIALS / "images"
# The columns of what the commands print.
COLUMNS = "80"


@dataclass
class Output:
    """What a cell printed, and the drawings that it showed, each with what it shows in words."""

    text: str = ""
    drawings: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook: a text (`markdown`) or a program (`code`)."""

    kind: str
    source: str
    may_fail: bool = False

    @property
    def is_file(self) -> bool:
        return self.source.startswith("%%writefile ")

    @property
    def is_shell(self) -> bool:
        return self.source.startswith("!")


def cells(notebook: Path) -> list[Cell]:
    """The cells of a notebook."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    return [
        Cell(c["cell_type"], "".join(c["source"]), "fails" in c["metadata"].get("tags", ()))
        for c in content["cells"]
    ]


def run(notebook: Path, folder: Path, epochs: int | None = None) -> list[Output]:
    """Run the cells one after the other.

    Args:
        notebook: The notebook.
        folder: Where it runs.
        epochs: With how many epochs at most each training is run; as many as it says where left out.
    """
    outputs = []
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with _place(folder):
        for number, cell in enumerate(cells(notebook)):
            if cell.kind != "code":
                outputs.append(Output())
                continue
            source = cell.source
            if epochs is not None:
                source = re.sub(
                    r"\b(epochs(?:: |=))(\d+)", lambda m: f"{m[1]}{min(int(m[2]), epochs)}", source
                )
            try:
                outputs.append(_run(Cell("code", source, cell.may_fail), namespace))
            except BaseException:
                print(f"{notebook.name}: cell {number} fails:\n{source}", file=sys.stderr)
                raise
    return outputs


def _run(cell: Cell, namespace: dict[str, Any]) -> Output:
    output = Output()
    if cell.is_file:
        head, _, text = cell.source.partition("\n")
        Path(head.split()[1]).write_text(f"{text}\n", encoding="utf-8")
        return output

    def display(shown: Any) -> None:
        if hasattr(shown, "_repr_svg_"):
            file = shown.as_file()
            output.drawings.append((re.search(r'aria-label="([^"]*)"', file)[1], file))  # type: ignore[index]
        elif shown is not None:
            print(shown if isinstance(shown, str) else repr(shown))

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        if cell.is_shell:
            for line in cell.source.splitlines():
                print(f"$ {line[1:]}")
                _command(line, may_fail=cell.may_fail)
        else:
            namespace["display"] = display
            tree = ast.parse(cell.source)
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, "<cell>", "exec"), namespace)
            if last is not None:
                display(eval(compile(ast.Expression(last.value), "<cell>", "eval"), namespace))
    output.text = "\n".join(line.rstrip() for line in printed.getvalue().strip("\n").splitlines())
    return output


def _command(line: str, *, may_fail: bool) -> None:
    from lipbuild.cli.run import run as lipbuild

    if not line.startswith("!lipbuild "):
        raise ValueError(f"only `!lipbuild …` is run: {line}")
    status = lipbuild(shlex.split(line)[1:])
    if (status != 0) is not may_fail:
        raise ValueError(f"{line} ended with status {status}")


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[None]:
    """While it is entered, this is the folder, and what is printed has no colours and one width."""
    before, variables = Path.cwd(), dict(os.environ)
    os.environ |= {"COLUMNS": COLUMNS, "NO_COLOR": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(variables)


def page(notebook: Path, outputs: list[Output]) -> tuple[str, dict[str, str]]:
    """The page of a notebook, and its drawings by the names of their files."""
    parts, images = [], {}
    for cell, output in zip(cells(notebook), outputs, strict=True):
        parts.append(shown(cell, output.text))
        for label, drawing in output.drawings:
            name = f"{notebook.stem}-{len(images) + 1}.svg"
            images[name] = drawing
            parts.append(f"![{label}](images/{name})")
    parts.append(
        f"*Made from the notebook [{notebook.name}]({notebook.name}) by `python docs/notebooks.py`; a test runs it.*"
    )
    return "\n\n".join(parts) + "\n", images


def shown(cell: Cell, printed: str) -> str:
    """A cell as Markdown, with what it printed."""
    if cell.kind == "markdown":
        return cell.source
    if cell.is_file:
        head, _, text = cell.source.partition("\n")
        name = head.split()[1]
        return f"`{name}`:\n\n```{'yaml' if name.endswith('.yaml') else 'text'}\n{text}\n```"
    if cell.is_shell:
        return f"```console\n{printed}\n```"
    program = f"```python\n{cell.source}\n```"
    return f"{program}\n\n```text\n{printed}\n```" if printed else program


def main(names: list[str]) -> None:
    sys.path.insert(0, str(TUTORIALS.parent.parent))
    for notebook in sorted(TUTORIALS.glob("*.ipynb")):
        if names and notebook.stem not in names:
            continue
        with tempfile.TemporaryDirectory() as folder:
            text, images = page(notebook, run(notebook, Path(folder)))
        IMAGES.mkdir(exist_ok=True)
        for old in IMAGES.glob(f"{notebook.stem}-[0-9]*.svg"):
            old.unlink()
        for name, drawing in images.items():
            (IMAGES / name).write_text(drawing, encoding="utf-8")
        notebook.with_suffix(".md").write_text(text, encoding="utf-8")
        print(f"wrote docs/tutorials/{notebook.stem}.md")


if __name__ == "__main__":
    main(sys.argv[1:])
