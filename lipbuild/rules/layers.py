"""The rules about a network, asked of layers that were read from a saved model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from lipbuild.config.build_graph import build_graph, build_unpromised
from lipbuild.config.config import Config
from lipbuild.config.sections import CertifySection, ExportSection, ModelSection
from lipbuild.config.stack import Stack, layer_of, layers_of
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.graph import Graph
from lipbuild.network.shapes import Shape
from lipbuild.rules.context import Context
from lipbuild.rules.refused import REFUSED_LAYERS, refusals
from lipbuild.rules.registry import RULES
from lipbuild.text.load import Loaded
from lipbuild.text.origin import SavedPlace
from lipbuild.text.problem import Problem
from lipbuild.text.span import Span
from lipbuild.text.text import SourceText

# The groups of rules that look at layers: their names and shapes, soundness, and quality.
_OF_LAYERS = ("LIP1", "LIP2", "LIP3")
# There is no text to stand in.
_NO_TEXT = SourceText("model", "")


@dataclass(frozen=True)
class PlacedLayer:
    """A layer of a saved model in the terms of a config.

    Attributes:
        kind: Its name in a config, known or not.
        arguments: Its arguments.
        place: Where it stands in the model.
    """

    kind: str
    arguments: Mapping[str, Any]
    place: SavedPlace


class CheckedLayers(NamedTuple):
    """What the rules say of layers.

    Attributes:
        graph: Their network; None where it has none, or the rules found an error.
        problems: What is wrong, in the order of the layers.
    """

    graph: Graph | None
    problems: tuple[Problem, ...]


def check_layers(
    layers: Sequence[PlacedLayer],
    input_shape: Shape,
    *,
    outputs: Sequence[str] | None = None,
    lipschitz: float | None = None,
    keeps_weights: bool = False,
) -> CheckedLayers:
    """Apply the rules about a network to layers that follow each other, or name what they read.

    Args:
        layers: The layers.
        input_shape: The shape of one sample.
        outputs: The names of the outputs; the last layer where left out.
        lipschitz: The constant that the network promises; where left out it is held to none.
        keeps_weights: Whether what takes a layer's place is to hold its trained weights.
    """
    problems: list[Problem] = []
    stack = tuple(layer_of(layer.kind, layer.arguments, layer.place, problems.append) for layer in layers)
    config = _config(stack, input_shape, outputs, lipschitz, problems)
    build = build_unpromised if lipschitz is None else build_graph
    graph = build(config, problems.append)
    context = Context(Loaded(_NO_TEXT, None, (), ()), config, graph, REFUSED_LAYERS, keeps_weights)
    problems += refusals(context)
    for rule in RULES.values():
        if rule.check is not None and rule.code.startswith(_OF_LAYERS):
            problems += rule.check(context)
    places = [place for use in layers_of(stack) for place in (use.origin, *use.fields.values())]
    order = {place: index for index, place in enumerate(places)}
    each = {(problem.rule, problem.message, problem.origin): problem for problem in reversed(problems)}
    found = sorted(each.values(), key=lambda p: (order.get(p.origin, len(order)), RULES[p.rule].code))
    if any(RULES[problem.rule].severity is Severity.ERROR for problem in found):
        graph = None
    return CheckedLayers(graph, tuple(found))


def _config(
    stack: Stack,
    input_shape: Shape,
    outputs: Sequence[str] | None,
    lipschitz: float | None,
    problems: list[Problem],
) -> Config:
    root = Span(_NO_TEXT, 0, 0)
    values = {
        "lipschitz": 1.0 if lipschitz is None else lipschitz,
        "input": list(input_shape),
        "layers": [],
        "outputs": None if outputs is None else list(outputs),
    }
    try:
        model = ModelSection.model_validate(values)
    except ValidationError as error:
        problems.append(
            Problem("out-of-range-values", f"`model` cannot be: {error.errors()[0]['msg']}", root)
        )
        model = None
    return Config(
        name="model",
        seed=0,
        folder=Path(),
        model=model,
        stack=stack,
        data=None,
        train=None,
        certify=CertifySection(),
        export=ExportSection(),
        tree={},
        root=root,
    )
