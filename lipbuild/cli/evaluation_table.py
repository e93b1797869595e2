from __future__ import annotations

from lipbuild.certify.evaluation import Evaluation
from lipbuild.cli.text_table import up


def evaluation_table(evaluation: Evaluation) -> str:
    """An evaluation as plain text."""
    lines = [
        f"{evaluation.samples} test samples",
        f"Lipschitz constant (L2) at most {up(evaluation.proved)}, proved from the weights "
        f"({evaluation.promised:.6g} promised)",
        f"radii in {evaluation.unit}",
        "",
    ]
    if evaluation.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in evaluation.voided_by)
        lines += [f"nothing is certified: the config silences {rules}", ""]
    if evaluation.task == "regression":
        lines += [f"{name.replace('_', ' ')}  {value:.6g}" for name, value in evaluation.errors.items()]
        if evaluation.movements:
            lines += ["", "radius  an output moves at most", "─" * 31]
        lines += [f"{radius:<6g}  {up(movement)}" for radius, movement in evaluation.movements]
        return "\n".join(lines)
    lines += ["radius  certified accuracy", "─" * 26, f"0       {evaluation.accuracy:.2%} (clean)"]
    lines += [f"{radius:<6g}  {accuracy:.2%}" for radius, accuracy in evaluation.certified]
    if evaluation.average_radius is not None:
        lines += ["", f"average certified radius {evaluation.average_radius:.4f}"]
    return "\n".join(lines)
