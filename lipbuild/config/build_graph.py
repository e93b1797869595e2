"""From a config to its graph: shapes, constants, and whether the promised constant is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from lipbuild.config.config import Config
from lipbuild.config.expand import Expanded, expand
from lipbuild.config.layer_fix import LayerFix, Rewrite
from lipbuild.config.stack import LayerUse, layers_of
from lipbuild.network.activations import CONSTANTS
from lipbuild.network.bound_text import bound_text
from lipbuild.network.calculus import greatest_share, propagate
from lipbuild.network.graph import Graph
from lipbuild.network.graph_node import INPUT, GraphNode
from lipbuild.network.rounding import mul_up
from lipbuild.network.shapes import Shape, format_shape
from lipbuild.network.specs import LayerSpec
from lipbuild.text.edit import Edit
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.origin import Origin
from lipbuild.text.problem import Problem, Related
from lipbuild.text.similar_file import similar_file
from lipbuild.text.span import Span

if TYPE_CHECKING:
    from lipbuild.config.sources.tables import Csv

Report = Callable[[Problem], None]

_BUDGET = "lipschitz-budget-exceeded"


def build_graph(config: Config, report: Report, data_shape: Shape | None = None) -> Graph | None:
    """The graph of a config, or None where something stands in its way (and has been reported).

    A graph whose constant exceeds what the config promises is returned, and reported.

    Args:
        config: The config.
        report: Takes the problems.
        data_shape: The shape of one sample of the loaded data, where it has been loaded.
    """
    if config.model is None or not config.stack:
        return None
    shape = input_shape(config, report, data_shape)
    _check_mixed(config, shape, report)
    expanded = expand(config, shape, report)
    if not expanded.complete or not expanded.outputs:
        return None
    promised = config.model.lipschitz
    # The promise is the network's own: what it computes from what the preprocessing makes.
    before = propagate(expanded.preprocessing)
    start = before[-1].name if before else INPUT
    unit = {start: 1.0}
    if not all(node.spec.is_proved for node in expanded.nodes):
        # Nothing can be promised, so nothing is held against a promise.
        return _whole(expanded, before, promised, 1.0)
    plain = propagate(expanded.nodes, given=unit)
    # Layers that hold single inputs have a constant above 1 by themselves, and still share what is promised.
    shares = any(node.spec.holds_columns for node in expanded.nodes)
    if not shares and _exceeds(plain, expanded.outputs, max(1.0, promised)):
        _report_excess(config, plain, max(1.0, promised), unit, report)
        return _whole(expanded, before, promised, 1.0)
    share = greatest_share(expanded.nodes, expanded.outputs, promised, unit)
    if share is None or (share == 1.0 and _exceeds(plain, expanded.outputs, promised)):
        _report_budget(config, expanded, plain, report)
        share = 1.0
    return _whole(expanded, before, promised, share)


def build_unpromised(config: Config, report: Report) -> Graph | None:
    """The graph of a config whose promise does not count: it promises the constant that it has.

    Args:
        config: The config.
        report: Takes the problems.
    """
    if config.model is None or not config.stack:
        return None
    expanded = expand(config, input_shape(config, report, None), report)
    if not expanded.complete or not expanded.outputs:
        return None
    nodes = propagate(expanded.nodes)
    bound = max(node.bound for node in nodes if node.name in expanded.outputs)
    return Graph(expanded.input_shape, nodes, expanded.outputs, bound)


def _whole(expanded: Expanded, before: tuple[GraphNode, ...], promised: float, share: float) -> Graph:
    """The whole graph, its bounds and its promise with respect to the data as it is given and in the target's units."""
    graph = _with_preprocessing(expanded, before, promised, share)
    if expanded.target_scale is None:
        return graph
    [scale] = propagate([expanded.target_scale], given={graph.outputs[0]: graph.bound})
    total = max(
        mul_up(graph.lipschitz, scale.gain or 0.0), scale.bound if graph.bound <= graph.lipschitz else 0.0
    )
    return replace(
        graph, nodes=(*graph.nodes, scale), outputs=(scale.name,), lipschitz=total, target_scale=scale.name
    )


def _with_preprocessing(
    expanded: Expanded, before: tuple[GraphNode, ...], promised: float, share: float
) -> Graph:
    """The graph with its preprocessing, its bounds and its promise with respect to the data as it is given."""
    if not before:
        nodes = propagate(expanded.nodes, share)
        return Graph(expanded.input_shape, nodes, expanded.outputs, promised, share)
    start = before[-1]
    nodes = propagate(expanded.nodes, share, {start.name: start.bound})
    total = mul_up(promised, start.bound)
    # Rounding up at each node may come to a bit more than rounding up once.
    bound = max(node.bound for node in nodes if node.name in expanded.outputs)
    if total < bound <= total * (1.0 + 1e-12):
        total = bound
    return Graph(expanded.input_shape, before + nodes, expanded.outputs, total, share, start.name)


def input_shape(config: Config, report: Report, data_shape: Shape | None) -> Shape | None:
    """The network's input shape: the config's own, which must fit the data's, or else the data's.

    Args:
        config: The config.
        report: Takes the problems.
        data_shape: The shape of one sample of the loaded data, where it has been loaded.
    """
    if data_shape is None and config.data is not None:
        data_shape = config.data.source.input_shape(config.folder)
    given = config.needed("model").input
    if given is not None:
        declared = tuple(given)
        if data_shape is not None and not _fits(declared, data_shape):
            report(
                Problem(
                    "shape-mismatches",
                    f"the input is declared as {format_shape(declared)}, and a sample of the data is "
                    f"{format_shape(data_shape)}",
                    config.place("model.input"),
                    related=(Related(config.place("data.source"), f"{format_shape(data_shape)} a sample"),),
                    help="remove `input`: it is taken from the data",
                    notes=("the shape of a sample has no dimension for the batch",)
                    if declared[1:] == data_shape and declared[0] in (None, 1)
                    else (),
                )
            )
            # A size that the declaration leaves open is one that the data tells.
            return data_shape if None in declared else declared
        return declared
    first = config.stack[0]
    declared_above = isinstance(first, LayerUse) and first.kind == "Input"
    # Data that is wrong has been reported; that its shape is unknown follows from it.
    unread_data = "data" in config.keys and config.data is None
    if data_shape is None and not declared_above and not unread_data:
        problem = _unknown_input(config)
        if problem is not None:
            report(problem)
    return data_shape


def _check_mixed(config: Config, shape: Shape | None, report: Report) -> None:
    """Hold the samples of a second source against the input's shape."""
    mix = config.data.mix if config.data is not None else None
    mixed = mix.source.input_shape(config.folder) if mix is not None else None
    if shape is not None and mixed is not None and not _fits(shape, mixed):
        report(
            Problem(
                "shape-mismatches",
                f"a sample that is mixed in is {format_shape(mixed)}, and the network takes {format_shape(shape)}",
                config.place("data.mix.source"),
                help="mix in samples of the same shape",
            )
        )


def _unknown_input(config: Config) -> Problem | None:
    """The problem of an input whose shape nothing tells, most likely because its file is not there."""
    files = config.data.source.files() if config.data is not None else {}
    advice = "add `input: [height, width, channels]` (or `input: [features]`) to `model`"
    for key, file in files.items():
        path = config.folder / file
        # A pattern names no file in particular.
        if not path.exists() and not set("*?[") & set(file):
            near = similar_file(path)
            return Problem(
                "missing-files",
                f"there is no file {path}, so the shape of the input is not known",
                config.place(f"data.source.{config.needed('data').source.source_name}.{key}"),
                help=f"there is a file with a similar name: `{near}`"
                if near
                else f"correct the path, or {advice}",
            )
    if config.data is not None and config.data.source.source_name == "csv":
        source = cast("Csv", config.data.source)
        named = {*source.targets_list, *(source.features or [])}
        # A table that cannot be read is reported, and so is a name that its header lacks. That the shape is unknown
        # follows from it.
        if source.fault(config.folder) is not None or not named <= set(source.header(config.folder) or named):
            return None
    return Problem(
        "missing-keys",
        "the shape of the input is known neither from `model.input` nor from the data",
        config.keys.get("model", config.place("model")),
        help=advice,
    )


def _fits(declared: Shape, data: Shape) -> bool:
    """Whether samples of this shape can be fed in; images without a channel are given one."""
    if len(declared) == len(data) + 1 and declared[-1] == 1:
        data = (*data, 1)
    return len(declared) == len(data) and all(a is None or a == b for a, b in zip(declared, data))


def _exceeds(nodes: Sequence[GraphNode], outputs: Sequence[str], limit: float) -> bool:
    bounds = {node.name: node.bound for node in nodes}
    return any(not bounds[name] <= limit for name in outputs)


def _report_excess(
    config: Config, nodes: Sequence[GraphNode], limit: float, given: Mapping[str, float], report: Report
) -> None:
    """Report each node at which the bound first grows beyond the limit on the way to an output."""
    bounds = {INPUT: 1.0, **given, **{node.name: node.bound for node in nodes}}
    for node in nodes:
        before = [bounds[name] for name in node.inputs]
        if node.bound <= limit or any(bound > limit for bound in before):
            continue
        if _has_rule_of_its_own(node.spec):
            continue
        report(_excess(config, node, nodes, before, limit))


def _has_rule_of_its_own(spec: LayerSpec) -> bool:
    """Whether a layer's constant exceeds 1 for a reason that a rule of its own reports."""
    if not spec.merges and spec.facts.rule != _BUDGET:
        return spec.gain(()) > 1.0
    name = getattr(spec, "activation", None)
    constant = CONSTANTS[name] if name is not None else 1.0
    return constant is None or constant > 1.0


def _excess(
    config: Config, node: GraphNode, nodes: Sequence[GraphNode], before: Sequence[float], limit: float
) -> Problem:
    promised = config.needed("model").lipschitz
    if not node.spec.merges:
        return Problem(
            _BUDGET,
            f"after `{node.kind}` the network's Lipschitz constant is {bound_text(node.bound)}, "
            f"and it promises {promised:.6g}",
            _coefficient(config, node),
            label=f"multiplies by {bound_text(node.gain or 0.0)}",
            related=_promise(config),
            help=f"lower its coefficient, or promise `model.lipschitz: {bound_text(node.bound)}`",
        )
    shown = " and ".join(f"{bound_text(bound)}" for bound in before)
    advice = {
        "Add": "use `Average`, or a `Residual: {layers: […]}`, whose constant is 1",
        "Concatenate": f"give the last layer of each branch `k_coef_lip: {_down(limit / math.sqrt(len(before)))}`, "
        "or use `Average`",
    }
    rules = {
        "Add": "the sum Σ of its inputs' constants",
        "Concatenate": "√Σ of the squares of its inputs' constants",
    }
    places = {other.name: other.origin for other in nodes}
    branches = {
        places[name]: f"constant {bound_text(bound)}"
        for name, bound in zip(node.inputs, before)
        if name in places and places[name] != node.origin
    }
    return Problem(
        node.spec.facts.rule,
        f"`{node.kind}` of branches with Lipschitz constants {shown} has {bound_text(node.bound)}, and the network "
        f"promises {promised:.6g}",
        node.origin,
        related=(*(Related(span, label) for span, label in branches.items()), *_promise(config)),
        notes=(f"the constant of `{node.kind}` is {rules[node.kind]}",) if node.kind in rules else (),
        help=advice.get(node.kind, ""),
        fix=_averaged(node.origin) if node.kind == "Add" else None,
    )


def _coefficient(config: Config, node: GraphNode) -> Origin:
    """Where a layer's factor is given; the layer's name where it is not."""
    for use in layers_of(config.stack):
        if use.origin == node.origin:
            return next(
                (use.fields[name] for name in ("k_coef_lip", "scale") if name in use.fields), use.origin
            )
    return node.origin


def _promise(config: Config) -> tuple[Related, ...]:
    """Where the network's constant is promised, if the config says it."""
    place = config.places.get("model.lipschitz")
    return () if place is None else (Related(place, "promised here"),)


def _averaged(origin: Origin) -> Fix | None:
    """The mean in the sum's place: x + f(x) becomes the convex ½x + ½f(x)."""
    if isinstance(origin, Span) and origin.text != "Add":
        return None
    edits = (Edit(origin, "Average"),) if isinstance(origin, Span) else ()
    return LayerFix("replace `Add` by `Average`", edits, Applicability.UNSAFE, Rewrite("Average"))


def _down(value: float) -> str:
    return f"{math.floor(value * 1e4) / 1e4:.4g}"


def _report_budget(config: Config, expanded: Expanded, plain: Sequence[GraphNode], report: Report) -> None:
    bounds, promised = {node.name: node.bound for node in plain}, config.needed("model").lipschitz
    bound = max(bounds[name] for name in expanded.outputs)
    report(
        Problem(
            _BUDGET,
            f"the network's Lipschitz constant is {bound_text(bound)}, and it promises {promised:.6g}",
            config.place("model.lipschitz"),
            help="give its layers a smaller `k_coef_lip`, or leave out `k_coef_lip`: they then share the promised "
            "constant",
        )
    )
