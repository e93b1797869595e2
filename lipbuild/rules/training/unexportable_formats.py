"""The network cannot be exported as the config says.

## What it does
Reports `with_radius` together with a LiteRT file with 8-bit weights, `quantize` if none of the formats can have weights
of this precision, and `tolerance` without `quantize`.

## Why is this bad?
The radius in a file needs a proved bound of its rounding errors. A file with float16 weights computes in float32; with
8-bit weights the runtime computes in integers, for which there is no bound. Without this rule, it would only be refused
after the training.

## Example
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
export: {formats: [litert], quantize: int8, with_radius: true}
```

## Use instead
```yaml
seed: 0
model:
  layers: [Flatten, SpectralDense: {units: 10}]
data: {source: digits, validation: 0.1}
export: {formats: [litert], with_radius: true}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem, Related

# The formats whose files can keep weights in fewer bits.
_ROUNDS = {"float16": ("litert", "onnx"), "int8": ("litert",)}


def check(context: Context) -> Iterator[Problem]:
    """The keys of `export` against each other."""
    config = context.config
    export, place = config.export, config.place
    rounded = export.quantize != "none"
    kinds = _ROUNDS.get(export.quantize, ())
    names = " and ".join(f"`{kind}`" for kind in kinds)
    if rounded and not set(kinds) & set(export.formats):
        yield Problem(
            RULE.name,
            f"`quantize: {export.quantize}` is for {names}, and the formats are others",
            place("export.quantize"),
            help=f"leave it out, or add `{kinds[0]}` to the formats",
        )
    elif export.quantize == "int8" and export.with_radius:
        yield Problem(
            RULE.name,
            "a file with 8-bit weights cannot compute a radius: its arithmetic has no proved error",
            place("export.quantize"),
            related=(Related(place("export.with_radius"), "asks for it"),),
            help="use `quantize: float16`, or leave `quantize` or `with_radius` out",
        )
    if export.tolerance is not None and not rounded:
        yield Problem(
            RULE.name,
            "`tolerance` is for weights kept in fewer bits, and these are kept as they are",
            place("export.tolerance"),
            help="leave it out",
        )


RULE = Rule("LIP412", "unexportable-formats", Severity.ERROR, __doc__, check)
