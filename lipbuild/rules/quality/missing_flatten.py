"""A dense layer is applied to an image.

## What it does
Remarks on a dense layer (`SpectralDense` and its kin) whose input is not a vector.

## Why is this bad?
Keras applies a dense layer to the last dimension alone: on an image of h×w×c it mixes the channels of each
pixel, the same for all pixels. That is a 1×1 convolution, and it may be what was meant; more often a `Flatten`
was forgotten.

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
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import insert_before
from lipbuild.rules.rule import Rule
from lipbuild.rules.uses import use_of
from lipbuild.source.problem import Problem
from lipbuild.spec.layers.dense import DenseSpec
from lipbuild.spec.shapes import format_shape


def check(context: Context) -> list[Problem]:
    """Every dense layer that is given more than one dimension, unless a recurrent layer reads the sequence after it."""
    if context.graph is None:
        return []
    before_recurrence: set[str] = set()
    for node in reversed(context.graph.nodes):
        if node.kind == "OrthoRNN" or node.name in before_recurrence:
            before_recurrence.update(node.inputs)
    found = {
        node.span.start: Problem(
            RULE.name,
            f"this dense layer is applied to the last dimension of {format_shape(node.input_shapes[0])}, "
            "the same for each of the others",
            node.span,
            help="put a `Flatten` before it unless that is what you mean",
            fix=insert_before(use, "Flatten") if (use := use_of(context, node)) is not None else None,
        )
        for node in context.graph.nodes
        if isinstance(node.spec, DenseSpec)
        and len(node.input_shapes[0]) > 1
        and node.name not in before_recurrence
    }
    return list(found.values())


RULE = Rule("LIP302", "missing-flatten", Severity.REMARK, __doc__, check)
