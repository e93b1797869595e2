from __future__ import annotations

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
    return _table(header, rows)


def _confusion(evaluation: Evaluation) -> str:
    names = evaluation.class_names
    if not evaluation.confusion or len(names) > _MOST_CLASSES:
        return ""
    rows = [[name, *map(str, row)] for name, row in zip(names, evaluation.confusion, strict=True)]
    return _table(["class ╲ predicted", *names], rows)


def _calibration(evaluation: Evaluation) -> str:
    calibration = evaluation.calibration
    if calibration is None:
        return ""
    rows = [[f"{b.low:.4g} – {b.high:.4g}", str(b.samples), f"{b.accuracy:.2%}"] for b in calibration.bins]
    table = _table(["margin", "samples", "accuracy"], rows)
    ranked = (
        ""
        if calibration.auroc is None
        else f"a right sample has the larger margin in {calibration.auroc:.2%}\n"
    )
    return (
        f"{table}\n\n{ranked}softmax({calibration.scale:.3g}·logits) is off by "
        f"{calibration.expected_error:.2%} on average (expected calibration error)"
    )


def _table(header: list[str], rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]

    def line(row: list[str]) -> str:
        cells = [
            cell.rjust(width) if i else cell.ljust(width) for i, (cell, width) in enumerate(zip(row, widths))
        ]
        return "  ".join(cells).rstrip()

    return "\n".join([line(header), "─" * (sum(widths) + 2 * (len(widths) - 1)), *map(line, rows)])
