"""The network ends in an activation, and its loss takes logits.

## What it does
Warns of a softmax, a sigmoid or another activation at the output of a network that is trained with a loss on logits.

## Why is this bad?
The loss applies a softmax of its own, so it would be applied twice. A softmax has the constant 1/2 and a sigmoid 1/4,
so margins, and with them radii, shrink; and the certificate compares logits.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}, Activation: {activation: softmax}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.config.stack import LayerUse
from lipbuild.diagnostics.severity import Severity
from lipbuild.network.activations import CONSTANTS
from lipbuild.rules.context import Context
from lipbuild.rules.fixes import remove, remove_argument
from lipbuild.rules.rule import Rule
from lipbuild.rules.uses import argument_place, use_of
from lipbuild.text.fix import Applicability, Fix
from lipbuild.text.problem import Problem, Related

_LAYERS = frozenset({"ReLU", "LeakyReLU", "ELU", "Softmax"})


def check(context: Context) -> Iterator[Problem]:
    """Each output whose last step is an activation, where the loss takes logits."""
    train, graph = context.config.train, context.graph
    if train is None or graph is None or not getattr(train.loss, "from_logits", True):
        return
    for node in graph.last_layers:
        # Layers that are activations themselves have no `activation` to name.
        name = node.kind if node.kind in _LAYERS else getattr(node.spec, "activation", None)
        if name is None or name == "linear":
            continue
        constant = node.gain if node.kind in _LAYERS else CONSTANTS.get(name)
        shrinks = constant is not None and constant < 1.0
        yield Problem(
            RULE.name,
            f"the network ends in `{name}`, and `{train.loss.kind}` takes "
            + ("numbers of any size" if train.loss.task == "regression" else "logits"),
            argument_place(context, node, "activation"),
            related=(Related(context.config.place("train.loss"), "takes what the layer before it makes"),),
            notes=(f"the constant of `{name}` is {constant:.4g}: margins shrink by it",) if shrinks else (),
            help="end in the dense layer itself",
            fix=_without(use_of(context, node)),
        )


def _without(use: LayerUse | None) -> Fix | None:
    """The layer removed if it is only an activation, else its `activation`."""
    if use is None:
        return None
    if use.kind in _LAYERS or use.kind == "Activation":
        return remove(use, Applicability.UNSAFE)
    edit = remove_argument(use, "activation")
    return Fix("remove `activation`", (edit,), Applicability.UNSAFE) if edit is not None else None


RULE = Rule("LIP303", "output-activations", Severity.WARNING, __doc__, check)
