"""Whether inputs are read as they were in a training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lipbuild.config.config import Config
from lipbuild.config.sources.images import ImageFolder
from lipbuild.config.sources.input_column import told_apart
from lipbuild.data.contract.contract import STATEMENT, Contract
from lipbuild.errors import RefusedError
from lipbuild.network.graph import Graph

_WORDS = {
    "decoder": "decoder",
    "size": "size",
    "resized": "resized",
    "channels": "channels",
}


def check_images(contract: Contract, now: Mapping[str, Any] | None) -> None:
    """Let images through that are read as those of the training.

    Args:
        contract: What the training says; it may be older and not say it.
        now: How they are read today, as a contract says it; None for anything but images.

    Raises:
        RefusedError: They are read otherwise.
    """
    before = contract.images
    if before is None or now is None:
        return
    said = [
        f"{words} {_plain(now[key])} in place of {_plain(before[key])}"
        for key, words in _WORDS.items()
        if key in before and key in now and before[key] != now[key]
    ]
    if said:
        raise RefusedError(
            f"the images are read otherwise than in the training: {'; '.join(said)}",
            "leave the source as the run's config has it",
        )


def check_config(contract: Contract, config: Config, graph: Graph) -> None:
    """Hold what a run's config says of inputs and outputs against its contract, where there is no data to look at.

    Raises:
        RefusedError: It says something else.
    """
    source = config.data.source if config.data is not None else None
    columns = source.input_columns() if source is not None else None
    if columns is not None and contract.columns and tuple(columns) != contract.columns:
        named, found = told_apart(contract.columns, columns)
        raise RefusedError(
            f"the network was trained with the columns {named}, and the config of the run names {found}",
            f"leave `features`, `categories`, `fill` and `units` as {STATEMENT} has them",
        )
    if isinstance(source, ImageFolder):
        shape = graph.input_shape
        check_images(contract, {"resized": source.size is not None, "channels": shape[-1]})
    classes = contract.class_names
    units = graph.output_nodes[0].shape[-1]
    if classes and len(graph.outputs) == 1 and len(classes) != (2 if units == 1 else units):
        raise RefusedError(
            f"{STATEMENT} of the run names {len(classes)} classes, and the network has {units} outputs",
            "restore the file that the training wrote",
        )


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "×".join(str(part) for part in value) if isinstance(value, list) else str(value)
