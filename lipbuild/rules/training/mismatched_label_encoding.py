"""The loss cannot use the labels of a file.

## What it does
Reads the header of the labels in an archive, or the first rows of the target column in a table, and reports one-hot
rows that are not as wide as the network, several columns for a loss that takes one number, text in place of numbers,
and fractions in place of classes.

## Why is this bad?
lipbuild encodes class numbers, class names, one-hot rows and ±1 as the loss needs them. Other values are not labels
for this loss: a one-hot row of 10 has two classes too many for a network with 8 outputs, and 0.37 is not a class.

## Example
```yaml
seed: 0
model:
  input: [2]
  layers: [SpectralDense: {units: 2}]
data: {source: {csv: {path: prices.csv, target: price}}, validation: 0.1}
train: {loss: {TauCategoricalCrossentropy: {tau: 10}}, epochs: 10}
```

## Use instead
```yaml
seed: 0
model:
  input: [2]
  layers: [FrobeniusDense: {units: 1}]
data: {source: {csv: {path: prices.csv, target: price}}, validation: 0.1}
train: {loss: MeanSquaredError, epochs: 10}
```
"""

from __future__ import annotations

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.rules.training.labels_in_file import FileLabels, labels_in_file
from lipbuild.text.problem import Problem, Related


def check(context: Context) -> Iterator[Problem]:
    """The form of the labels in the data's file against what the loss learns."""
    config, graph = context.config, context.graph
    if config.train is None or config.data is None or graph is None or len(graph.outputs) != 1:
        return
    shape = graph.output_nodes[0].shape
    found = labels_in_file(config.data.source, config.folder)
    if found is None or len(shape) != 1 or shape[0] is None:
        return
    loss = config.train.loss
    wrong = _numbers(found, shape[0]) if loss.task == "regression" else _classes(found, loss.task, shape[0])
    if wrong is None:
        return
    message, advice = wrong
    related = (Related(config.place("train.loss"), f"`{loss.kind}` is for {_FOR[loss.task]}"),)
    place = config.place(f"data.source.{config.data.source.source_name}.{found.key}")
    yield Problem(RULE.name, f"{found.what} {message}", place, related=related, help=advice)


def _numbers(found: FileLabels, units: int) -> tuple[str, str] | None:
    """Why these are not numbers for so many outputs, and what to do."""
    if found.kind == "text":
        return "are text, and numbers are predicted", "use a loss for classes, or name a column of numbers"
    if found.columns is not None and found.columns != units:
        return (
            f"have {_many(found.columns)}, and the network has {units} outputs",
            f"end in `SpectralDense: {{units: {found.columns}}}`",
        )
    return None


def _classes(found: FileLabels, task: str, units: int) -> tuple[str, str] | None:
    """Why these are not classes for such outputs, and what to do."""
    if found.columns is None:
        return "have more than one dimension a sample", "labels are one a sample, or one-hot rows"
    if found.columns > 1:
        classes = 2 if task == "binary" else units
        if found.columns != classes:
            return (
                f"are one-hot rows of {found.columns} classes, and the network is for {classes}",
                f"end in `SpectralDense: {{units: {found.columns}}}` with a loss for several classes",
            )
        return None
    if found.fraction is not None:
        return (
            f"are not classes: the first value that is not a whole number is {found.fraction}",
            "use a loss for numbers, such as `MeanSquaredError`",
        )
    return None


def _many(columns: int) -> str:
    return "one number a sample" if columns == 1 else f"{columns} numbers a sample"


_FOR = {"multiclass": "classes", "binary": "two classes", "regression": "numbers"}

RULE = Rule("LIP404", "mismatched-label-encoding", Severity.ERROR, __doc__, check)
