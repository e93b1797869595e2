"""What commands print with `--format json`: a class a format, and one way of writing all of them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pydantic import BaseModel


class Kind(NamedTuple):
    """A format.

    Attributes:
        format: Its name.
        version: Its version.
        module: The module of its class, in this package.
        cls: The name of the class.
    """

    format: str
    version: int
    module: str
    cls: str


# By command; `error` is what any of them prints in place of its result where there is none.
OUTPUTS = {
    "check": Kind("lipbuild.check", 1, "check", "CheckOutput"),
    "data": Kind("lipbuild.data", 1, "data", "DataOutput"),
    "train": Kind("lipbuild.training", 1, "training", "TrainingOutput"),
    "sweep": Kind("lipbuild.sweep", 1, "sweep", "SweepOutput"),
    "evaluate": Kind("lipbuild.evaluation", 1, "evaluation", "EvaluationOutput"),
    "compare": Kind("lipbuild.comparison", 1, "comparison", "ComparisonOutput"),
    "predict": Kind("lipbuild.predictions", 1, "predictions", "PredictionsOutput"),
    "certify": Kind("lipbuild.certified", 1, "certified", "CertifiedOutput"),
    "verify": Kind("lipbuild.verdict", 1, "verdict", "VerdictOutput"),
    "audit": Kind("lipbuild.audit", 1, "audit", "AuditOutput"),
    "export": Kind("lipbuild.exports", 1, "exports", "ExportsOutput"),
    "evidence": Kind("lipbuild.evidence", 1, "evidence", "EvidenceOutput"),
    "bench": Kind("lipbuild.benchmark", 1, "benchmark", "BenchmarkOutput"),
    "import": Kind("lipbuild.import", 1, "imported", "ImportOutput"),
    "rules": Kind("lipbuild.rules", 1, "rules", "RulesOutput"),
    "error": Kind("lipbuild.error", 1, "error", "ErrorOutput"),
}


def output_class(command: str) -> type[BaseModel]:
    """The class of a command's format."""
    kind = OUTPUTS[command]
    found: type[BaseModel] = getattr(import_module(f"{__name__}.{kind.module}"), kind.cls)
    return found
