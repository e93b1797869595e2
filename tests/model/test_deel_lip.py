"""Code written for deel-lip: the names, the arguments in their order, and the program of the page on porting."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Of deel-lip's branch keras3, a line each: the module, the name, the arguments in their order.
SIGNATURES = dict(
    re.fullmatch(r"(\S+): ?(.*)", line).groups()  # type: ignore[union-attr]
    for line in (Path(__file__).parent / "deel_lip_signatures.txt").read_text(encoding="utf-8").splitlines()
)


@pytest.mark.parametrize("path", SIGNATURES)
def test_a_name_of_deel_lip_takes_its_arguments_in_their_order(path):
    module, _, name = path.rpartition(".")
    found = getattr(import_module(f"lipbuild.{module}"), name)
    parameters = [
        p.name
        for p in inspect.signature(found).parameters.values()
        if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
    ]
    expected = SIGNATURES[path].split()
    assert parameters[: len(expected)] == expected


def test_the_program_on_the_page_runs() -> None:
    text = (ROOT / "docs" / "from-deel-lip.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(program, names)
    assert names["model"].lipschitz_bound((None, 28, 28, 1)) == pytest.approx(1.0)  # type: ignore[attr-defined]
    assert names["plain"].output_shape == (None, 10)  # type: ignore[attr-defined]
