from __future__ import annotations

from lipbuild.cli.text_table import text_table, wrapped
from lipbuild.evaluation.evaluation import Evaluation

# A confusion matrix with more classes is left to the file.
_MOST_CLASSES = 20


def evaluation_details(evaluation: Evaluation) -> str:
    """Each class, the confusions and what margins say about being right, as plain text."""
    parts = [_classes(evaluation), _confusion(evaluation), _calibration(evaluation)]
    return "\n\n".join(part for part in parts if part) or "a regression has no classes"


def _classes(evaluation: Evaluation) -> str:
    if not evaluation.classes:
        return ""
    radii = [radius for radius, _ in evaluation.certified]
    header = ["class", "samples", "accuracy", *(f"at {radius:g}" for radius in radii), "average radius"]
    rows = []
    for part in evaluation.classes:
        certified = [f"{accuracy:.2%}" for _, accuracy in part.certified] or [""] * len(radii)
        average = "" if part.average_radius is None else f"{part.average_radius:.4f}"
        accuracy = "" if part.accuracy is None else f"{part.accuracy:.2%}"
        rows.append([part.name, str(part.samples), accuracy, *certified, average])
    return text_table(header, rows, words=1)


def _confusion(evaluation: Evaluation) -> str:
    names = evaluation.class_names
    if not evaluation.confusion or len(names) > _MOST_CLASSES:
        return ""
    rows = [[name, *map(str, row)] for name, row in zip(names, evaluation.confusion, strict=True)]
    return text_table(["class ╲ predicted", *names], rows, words=1)


def _calibration(evaluation: Evaluation) -> str:
    calibration = evaluation.calibration
    if calibration is None:
        return ""
    rows = [[f"{b.low:.4g} – {b.high:.4g}", str(b.samples), f"{b.accuracy:.2%}"] for b in calibration.bins]
    table = text_table(["margin", "samples", "accuracy"], rows, words=1)
    ranked = (
        ""
        if calibration.auroc is None
        else f"a right sample has a larger margin than a wrong one in {calibration.auroc:.2%}\n"
    )
    expected = wrapped(
        f"softmax({calibration.scale:.3g}·logits) is off by {calibration.expected_error:.2%} on average "
        "(expected calibration error)"
    )
    return f"{table}\n\n{ranked}{expected}"
