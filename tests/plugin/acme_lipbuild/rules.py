"""A rule. Its code is the package's own; `LIP…` are lipbuild's."""

from collections.abc import Iterator

from lipbuild.diagnostics.severity import Severity
from lipbuild.rules.context import Context
from lipbuild.rules.rule import Rule
from lipbuild.text.problem import Problem

_TEXT = """A training is longer than Acme allows.

## What it does
Reports more than 1,000 epochs.

## Why is this bad?
Acme's machines are shared.
"""


def check(context: Context) -> Iterator[Problem]:
    """The number of epochs."""
    train = context.config.train
    if train is not None and train.epochs > 1_000:
        place = context.config.place("train.epochs")
        yield Problem(
            MANY_EPOCHS.name, f"{train.epochs} epochs are more than 1000", place, help="train for less long"
        )


MANY_EPOCHS = Rule("ACME001", "acme-many-epochs", Severity.WARNING, _TEXT, check)
