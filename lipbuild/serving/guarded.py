from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipbuild.errors import UnusableError
from lipbuild.exporting.metadata import OUTPUT_MEANINGS
from lipbuild.guard.answers import bounded, guarded_answers
from lipbuild.runtimes.runtime import Outputs
from lipbuild.serving.service import Service

GUARDED = "guarded"
_MEANING = (
    "the label of the function that the weights define in exact arithmetic, which the served one never contradicts: "
    "where the proved bound of the error of float32 does not decide, float64 is asked, and where that of float64 does "
    "not, there is no label"
)
_KEPT = "within_tolerance"
_OUTPUTS = ("logits", "label", "margin", "radius", "certified")


def guarded(service: Service) -> Service:
    """The same network behind a guard: labels that no rounding contradicts, or an abstention.

    Args:
        service: What is served.

    Raises:
        UnusableError: Nothing is proved of it, or it has no classes.
    """
    certified, predict = service.certified, service.predict
    if certified is None:
        raise UnusableError(
            f"{service.origin} cannot be guarded: nothing is proved of it here: {service.no_proof}",
            "serve it without `--guard`, or a run, or an export of another format",
        )
    if "logits" not in service.metadata["outputs"]:
        raise UnusableError(
            f"{service.origin} cannot be guarded: it has no labels that rounding could change",
            "leave out `--guard`",
        )

    tolerances = service.tolerances
    kept = certified.within(tolerances) if tolerances else None
    outputs = (*_OUTPUTS, *([_KEPT] if kept is not None else []))

    def run(inputs: NDArray[np.float32]) -> Outputs:
        answers = guarded_answers(certified, lambda x: bounded(certified, x, predict(x)["logits"]), inputs)
        found: tuple[NDArray[np.generic], ...] = (
            answers.logits,
            answers.labels,
            answers.margins,
            answers.radii,
        )
        said = dict(zip(_OUTPUTS, (*found, answers.radii > 0.0)))
        if kept is None:
            return said
        return said | {_KEPT: kept.keeps_class(certified.logits(inputs)) & (answers.labels >= 0)}

    metadata = {
        **service.metadata,
        "outputs": {name: OUTPUT_MEANINGS[name] for name in outputs},
        "radius": {"semantics": GUARDED, "meaning": _MEANING},
    }
    return replace(service, metadata=metadata, predict=run, no_radius="")
