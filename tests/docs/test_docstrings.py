"""What the docstring of each public class says: formula, arguments, shapes, constant, cost."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest

from lipbuild import callbacks, constraints, initializers, layers, losses, metrics, regularizers


def public(package: Any) -> list[Any]:
    """The classes that a package offers."""
    return [cls for name in package.__all__ if isinstance(cls := getattr(package, name), type)]


def text_of(cls: Any) -> str:
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "")


def section(text: str, title: str) -> str:
    found = re.search(rf"^{title}:\n((?: .*\n|\n)*)", text + "\n", re.MULTILINE)
    return found[1] if found else ""


def documented_arguments(text: str) -> set[str]:
    return set(re.findall(r"^    \*{0,2}(\w+):", section(text, "Args"), re.MULTILINE))


def arguments(cls: Any) -> set[str]:
    return {name for name in inspect.signature(cls).parameters if name != "args"}


def passed_on(cls: Any) -> set[str]:
    """The arguments of a class and of those that take its `**kwargs`."""
    return {name for base in cls.__mro__ if base is not object for name in arguments(base)}


OFFERED = [
    cls
    for package in (layers, losses, metrics, callbacks, constraints, initializers, regularizers)
    for cls in public(package)
    # Layers make their initializers, and users do not.
    if cls.__module__.startswith("lipbuild.")
]
LAYERS = [cls for cls in public(layers) if cls.__name__ not in {"Condensable", "LipschitzLayer", "PadConv2D"}]


@pytest.mark.parametrize("cls", OFFERED, ids=lambda cls: cls.__name__)
def test_every_argument_of_a_public_class_is_documented(cls: Any) -> None:
    text = text_of(cls)
    assert text.splitlines()[0].rstrip().endswith((".", ","))
    given, named = arguments(cls), documented_arguments(text)
    assert named <= given | passed_on(cls), named - given
    assert given <= named, given - named


@pytest.mark.parametrize("cls", LAYERS, ids=lambda cls: cls.__name__)
def test_a_layer_says_its_formula_constant_shapes_and_cost(cls: Any) -> None:
    text = text_of(cls)
    summary = text.split("Args:")[0]
    assert "`" in summary.split("\n\n")[0] or "k times" in summary, "a formula"
    assert re.search(r"Lipschitz|constant", summary), "the constant"
    assert re.search(r"\bexact|\bbound|at most|reached", summary), "whether it is exact"
    assert re.search(r"\bcosts?\b|multiply-adds", summary), "the cost"
    assert section(text, "Input shape") or section(text, "Call arguments")
    assert section(text, "Output shape") or section(text, "Returns")


@pytest.mark.parametrize("cls", public(losses), ids=lambda cls: cls.__name__)
def test_a_loss_says_its_formula_and_what_it_is_called_on(cls: Any) -> None:
    text = text_of(cls)
    assert text.startswith("`")
    assert re.search(r"y_true: .*\bshape\b", section(text, "Call arguments"))
    assert "y_pred: " in section(text, "Call arguments")
