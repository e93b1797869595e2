"""Two linear layers follow each other.

## What it does
Remarks on a dense layer or a convolution whose input comes from another one with nothing but linear steps between
them (flattening, average pooling, scaling).

## Why is this bad?
The product of two linear maps is a linear map. The second layer costs time and parameters, and the network computes
nothing more than it could with one of them. Most likely an activation was forgotten.

## Example
```yaml
- SpectralDense: {units: 8}
- SpectralDense: {units: 4}
```

## Use instead
```yaml
- SpectralDense: {units: 8}
- GroupSort2
- SpectralDense: {units: 4}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.graph_node import GraphNode
from lipbuild.network.specs.kernels import ConstrainedSpec
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import insert_before
from lipbuild.rules.rule import Rule
from lipbuild.rules.uses import called, use_of
from lipbuild.text.origin import Origin
from lipbuild.text.problem import Problem, Related

_LINEAR_STEPS = frozenset(
    {"Flatten", "Reshape", "Rescaling", "ScaledAveragePooling2D", "ScaledGlobalAveragePooling2D"}
)


def check(context: Context) -> Iterator[Problem]:
    """Every trained linear layer that reads another one through linear steps alone."""
    graph = context.graph
    if graph is None:
        return
    nodes = {node.name: node for node in graph.nodes}
    seen: set[Origin] = set()
    for node in graph.nodes:
        before = _linear_before(node, nodes) if isinstance(node.spec, ConstrainedSpec) else None
        if before is None or node.origin in seen or before.name in graph.outputs:
            continue
        seen.add(node.origin)
        use = use_of(context, node)
        yield Problem(
            RULE.name,
            f"this layer and the `{called(before)}` before it are linear, and nothing else stands between them",
            node.origin,
            label="linear",
            related=(Related(before.origin, "linear"),) if before.origin != node.origin else (),
            help=f"put a `GroupSort2` after the `{before.kind}`, or leave one of the two out",
            fix=insert_before(use, "GroupSort2") if use is not None else None,
        )


def _linear_before(node: GraphNode, nodes: dict[str, GraphNode]) -> GraphNode | None:
    current = nodes.get(node.inputs[0])
    while current is not None and current.kind in _LINEAR_STEPS:
        current = nodes.get(current.inputs[0])
    if current is None or not isinstance(current.spec, ConstrainedSpec):
        return None
    return current if current.spec.activation in (None, "linear") else None


RULE = Rule("LIP305", "consecutive-linear-layers", Severity.REMARK, __doc__, check)
