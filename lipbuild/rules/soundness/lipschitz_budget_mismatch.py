"""The network promises a larger constant than its layers have.

## What it does
Warns if the bound of the network, computed from its layers, is below 0.99 · `model.lipschitz`.

## Why is this bad?
It is sound and wasteful. A radius is a margin divided by the constant: a network that promises 4 and reaches 1 is
trained as if an input could move the output four times as far as it can. Layers without `k_coef_lip` share the
promised constant, so that nothing is lost.

## Example
```yaml
model:
  lipschitz: 4
  input: [8]
  layers:
    - SpectralDense: {units: 8, k_coef_lip: 1}
```

## Use instead
```yaml
model:
  lipschitz: 4
  input: [8]
  layers:
    - SpectralDense: {units: 8}
```
"""

from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.network.bound_text import bound_text
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem


def check(context: Context) -> list[Problem]:
    """The network's bound against what it promises."""
    graph = context.graph
    if graph is None or graph.bound >= 0.99 * graph.lipschitz:
        return []
    # The promise is of what stands between the preprocessing and the scale of the targets.
    around = graph.preprocessing_bound * graph.target_gain
    promised, bound = (value / around for value in (graph.lipschitz, graph.bound))
    return [
        Problem(
            RULE.name,
            f"the network promises the Lipschitz constant {promised:.6g}, and its layers have {bound_text(bound)}",
            context.config.place("model.lipschitz"),
            help=f"promise `lipschitz: {bound_text(bound)}`, or leave out `k_coef_lip` in layers that should share it",
        )
    ]


RULE = Rule("LIP220", "lipschitz-budget-mismatch", Severity.WARNING, __doc__, check)
