"""A dense layer is applied to an image.

## What it does
Remarks on a dense layer (such as `SpectralDense`) whose input is not a vector.

## Why is this bad?
Keras applies a dense layer only to the last dimension: on an image of h×w×c it mixes the channels of each pixel, in
the same way for all pixels. That is a 1×1 convolution. It may be intended, but more often a `Flatten` was forgotten.
Networks with a `SpatialShift`, which mixes space between such layers, get no remark.

## Example
```yaml
model:
  input: [28, 28, 1]
  layers:
    - SpectralDense: {units: 64}
```

## Use instead
```yaml
model:
  input: [28, 28, 1]
  layers:
    - Flatten
    - SpectralDense: {units: 64}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.shapes import format_shape
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.unflattened import flatten_before, unflattened, unflattened_output
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """The first dense layer that is given more than one dimension, unless the loss does not take what it makes.

    Where pixels are shifted, dense layers of the channels alone are meant: that is how such a network mixes both.
    """
    if context.graph is None or any(node.kind == "SpatialShift" for node in context.graph.nodes):
        return []
    reported = unflattened_output(context)
    found = {
        node.origin: Problem(
            RULE.name,
            f"this dense layer is applied to the last dimension of {format_shape(node.input_shapes[0])}, "
            "the same for each of the others",
            node.origin,
            help="put a `Flatten` before it unless that is what you mean",
            fix=flatten_before(context, node),
        )
        for node in unflattened(context.graph)
        if node not in reported
    }
    return list(found.values())


RULE = Rule("LIP302", "missing-flatten", Severity.REMARK, __doc__, check)
