"""The first dense layer is much wider than its input.

## What it does
Remarks on a first dense layer that has at least 32 inputs and at least twice as many units.

## Why is this bad?
A kernel of n × m has at most n singular values, so for m > n its units cannot be orthogonal to each other. The linear
map has no more directions than with n units, at m/n times the price in this layer and in the next. What is gained
comes only from the activation behind it, which acts on more projections of the input. That can be worth it: on the
digits, the 256-256-10 network certifies .7 to 2.1 points more than the 64-32-10 one (docs/benchmarks.md). So try
both.

## Example
```yaml
model:
  input: [64]
  layers:
    - SpectralDense: {units: 512}
    - GroupSort2
    - SpectralDense: {units: 10}
```

## Use instead
```yaml
model:
  input: [64]
  layers:
    - SpectralDense: {units: 64}
    - GroupSort2
    - SpectralDense: {units: 10}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.specs.dense import DenseSpec
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import replace_number
from lipbuild.rules.rule import Rule
from lipbuild.rules.unflattened import unflattened
from lipbuild.rules.uses import argument_place
from lipbuild.text.problem import Problem

_LEAST_INPUTS = 32


def check(context: Context) -> list[Problem]:
    """The first layer with weights, where it is dense."""
    if context.graph is None:
        return []
    first = next((node for node in context.graph.nodes if node.parameters), None)
    if first is None or not isinstance(first.spec, DenseSpec) or first in unflattened(context.graph):
        return []
    width, units = first.input_shapes[0][-1], first.spec.units
    if width is None or width < _LEAST_INPUTS or units < 2 * width:
        return []
    place = argument_place(context, first, "units")
    return [
        Problem(
            RULE.name,
            f"{units} units of {width} inputs span no more than {width} directions",
            place,
            help=f"try {width} units here, which cost less",
            fix=replace_number(place, units, width),
        )
    ]


RULE = Rule("LIP306", "wide-first-layer-waste", Severity.REMARK, __doc__, check)
