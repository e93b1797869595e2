"""Going on with a training: what it needs, and what may have changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from lipbuild.config.choices import OptimizerSpec, ScheduleSpec
from lipbuild.config.config import Config
from lipbuild.config.dump import dump_config
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph
from lipbuild.training.begun import check_begun
from lipbuild.training.run_folder import RunFolder

# The keys, with all that is under them, that may differ when a training is resumed. None of them changes what a step
# computes from the weights, the optimiser and a batch.
MAY_CHANGE = (
    "train.epochs",
    "train.monitor",
    "train.early_stopping",
    "train.restore_best_weights",
    "train.checkpoint",
    "train.strategy",
    "train.tensorboard",
    "train.mlflow",
    "export",
)


# Those of them that make another result of a training that has ended.
_CHANGE_RESULT = ("train.epochs", "train.monitor", "train.early_stopping", "train.restore_best_weights")


def check_changes(run: RunFolder, config: Config, graph: Graph) -> list[str]:
    """Let a training resume with a config that differs only where it may.

    Args:
        run: The run, with the config that it was started with.
        config: The config that it is to go on with.
        graph: Its graph.

    Returns:
        The keys that differ and make another result of it.

    Raises:
        RefusedError: It differs elsewhere; the message names the key.
    """
    before = check_begun(run).raise_for_errors()
    old, new = flat_config(before.config, before.graph), flat_config(config, graph)
    files = config.data.files() if config.data is not None else {}
    if before.config.data is not None and before.config.data.source.input_columns() is None:
        # A run of before columns were written down.
        source = f"data.source.{before.config.data.source.source_name}"
        filled = (f"{source}.features", f"{source}.ignore")
        old, new = ({k: v for k, v in keys.items() if not k.startswith(filled)} for keys in (old, new))
    changed = [key for key in dict.fromkeys([*old, *new]) if old.get(key) != new.get(key)]
    for key in changed:
        if key not in files and not _is_of(key, MAY_CHANGE):
            raise RefusedError(
                f"`{key}` cannot change when a training is resumed: it was {_shown(old, key)} and is "
                f"{_shown(new, key)}",
                f"train again, or change only {', '.join(MAY_CHANGE)}",
            )
    if old["train.epochs"] != new["train.epochs"]:
        what = _spans_training(config)
        if what:
            raise RefusedError(
                f"`train.epochs` cannot change when a training is resumed: {what} was stretched over "
                f"{old['train.epochs']} epochs",
                "train again, or give its length explicitly",
            )
    return [key for key in changed if _is_of(key, _CHANGE_RESULT)]


def flat_config(config: Config, graph: Graph) -> dict[str, Any]:
    """Every key of a config with its value, defaults filled in, such as `train.epochs` and `model.layers.0`."""
    return dict(_flat(yaml.safe_load(dump_config(config, graph)), ""))


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    if not items:
        yield path, value
    for key, item in items:
        yield from _flat(item, f"{path}.{key}" if path else str(key))


def _is_of(key: str, sections: Iterable[str]) -> bool:
    return any(key == section or key.startswith(f"{section}.") for section in sections)


def _shown(values: Mapping[str, Any], key: str) -> str:
    return f"`{values[key]}`" if key in values else "left out"


def _spans_training(config: Config) -> str:
    """What depends on the number of epochs, in words; nothing where nothing does."""
    train = config.needed("train")
    optimizer: OptimizerSpec = train.optimizer
    rate = optimizer.arguments()["learning_rate"]
    if isinstance(rate, ScheduleSpec) and rate.spans_training():
        return f"the schedule {type(rate).__name__}"
    loss = next((s for s in train.loss.scheduled().values() if s.spans_training()), None)
    if loss is not None:
        return f"the schedule {type(loss).__name__} of the loss"
    average = train.average
    if average is not None and average.spans_training():
        return f"the start of the average {type(average).__name__}"
    return ""
