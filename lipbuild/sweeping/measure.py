from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lipbuild.config.choices import ObjectiveSpec
from lipbuild.data.dataset import Dataset
from lipbuild.errors import RefusedError
from lipbuild.evaluation.evaluate_classifier import evaluate_classifier
from lipbuild.evaluation.evaluate_regressor import evaluate_regressor
from lipbuild.evaluation.judged import judge
from lipbuild.evaluation.run_logits import RunLogits
from lipbuild.evaluation.trained import Trained


def measure(trained: Trained, dataset: Dataset, objectives: Sequence[ObjectiveSpec]) -> list[float]:
    """The objectives of a trained network on its validation share.

    As `lipbuild evaluate` measures on the test share: the constant is proved from the weights, and a certified accuracy
    counts what is proved alone.

    Args:
        trained: The network.
        dataset: Its data.
        objectives: What is measured.

    Raises:
        RefusedError: The weights exceed what the config promises, or an objective cannot be stated.
    """
    figures = _figures(trained, dataset, [radius for one in objectives for radius in one.radii])
    values = []
    for objective in objectives:
        value = objective.value(figures)
        if value is None:
            why = f": {figures['uncertified']}" if figures.get("uncertified") else ""
            raise RefusedError(f"`{objective.label}` cannot be stated of this network{why}")
        values.append(value)
    return values


def _figures(trained: Trained, dataset: Dataset, radii: Sequence[float]) -> Mapping[str, Any]:
    part, task = dataset.validation, trained.config.needed("train").loss.task
    # The rules let no sweep through that would choose by the test data.
    assert part is not None
    network = RunLogits.of(trained)
    outputs = network.logits(part.x)
    about: dict[str, Any] = {
        "promised": trained.graph.lipschitz,
        "proved": network.lipschitz,
        "unit": dataset.unit,
    }
    if task == "regression":
        evaluation = evaluate_regressor(outputs.values, part.targets, (), **about)
    else:
        judged = judge(outputs, network.head, part.targets)
        evaluation = evaluate_classifier(task, judged, dataset.class_names, radii, **about)
    return {
        **evaluation.as_json(),
        "parameters": trained.graph.parameters,
        "uncertified": network.uncertified,
    }
