from __future__ import annotations

import math

from lipbuild.cli.text_table import down, text_table, up, wrapped
from lipbuild.evaluation.evaluation import Evaluation
from lipbuild.network.bound_text import bound_text


def evaluation_table(evaluation: Evaluation) -> str:
    """An evaluation as plain text."""
    constant = f"Lipschitz constant (L2) at most {up(evaluation.proved)}, proved from the weights "
    if not math.isfinite(evaluation.proved):
        constant = "Lipschitz constant (L2) not proved "
    lines = [
        f"{evaluation.samples} test samples"
        if not evaluation.data.on
        else f"{evaluation.samples} samples of {evaluation.data.on}, which is other data than the run's",
        f"{constant}({bound_text(evaluation.promised)} promised)",
        f"radii in {evaluation.unit}",
        *(evaluation.data.notes if evaluation.data.on else ()),
        "",
    ]
    if evaluation.voided_by:
        rules = ", ".join(f"`{rule}`" for rule in evaluation.voided_by)
        lines += [f"nothing is certified: the config silences {rules}", ""]
    if evaluation.uncertified:
        lines += [f"nothing is certified: {evaluation.uncertified}", ""]
    if evaluation.task == "regression":
        lines += _errors(evaluation)
    elif evaluation.classifies:
        lines += _accuracies(evaluation)
    lines += _distance(evaluation)
    return wrapped("\n".join(lines + _columns(evaluation) + _tolerance(evaluation) + _baseline(evaluation)))


def _baseline(evaluation: Evaluation) -> list[str]:
    found = evaluation.baseline
    if found is None:
        return []
    reached = (
        f"{found.accuracy:.2%}" if found.error is None else f"a mean absolute error of {found.error:.6g}"
    )
    lines = [f"always answering {found.shown_answer}, reaches {reached}"]
    return [*lines, f"warning: {found.remark}"] if found.remark else lines


def _distance(evaluation: Evaluation) -> list[str]:
    """How far two classes lie apart."""
    found = evaluation.distance
    lines = []
    if found is not None:
        lines = [
            f"mean output of `{found.positive}` less that of `{found.negative}`  {found.difference:.6g}",
            f"so these samples lie at least {down(found.at_least)} apart (Wasserstein-1 distance)",
        ]
    if not evaluation.classifies:
        if found is None and not (evaluation.voided_by or evaluation.uncertified):
            lines.append("no distance is stated: the samples are of one class")
        lines.append("the loss KR alone trains no classifier: HKR does")
    return lines


def _errors(evaluation: Evaluation) -> list[str]:
    lines = [f"{name.replace('_', ' ')}  {value:.6g}" for name, value in evaluation.errors.items()]
    if evaluation.r_squared is not None:
        lines.append(f"R²  {evaluation.r_squared:.6g}")
    attack = evaluation.movement_attack
    found = dict(attack.movements) if attack is not None else {}
    allowed = dict(evaluation.movements)
    if not allowed and not found:
        return lines
    more = f"  attacks on {attack.samples} move it by" if attack is not None else ""
    header = "radius  an output moves at most" + more
    lines += ["", header, "─" * len(header)]
    for radius in allowed or found:
        bound = up(allowed[radius]) if radius in allowed else ""
        moved = f"{found[radius]:.9f}" if radius in found else ""
        lines.append(f"{radius:<6g}  {bound:<23}  {moved}".rstrip())
    return lines


def _columns(evaluation: Evaluation) -> list[str]:
    """How much the outputs change where one column of a table changes alone."""
    if not evaluation.columns:
        return []
    rows = [
        (
            one.name,
            "another value" if one.is_text else f"1 {one.unit or 'unit'}",
            up(one.moves_at_most),
            f"{one.moved:.9f}",
            one.direction,
        )
        for one in evaluation.columns
    ]
    header = ("column", "moves by", "an output then moves by at most", "measured", "")
    return ["", text_table(header, rows, words=2)]


def _tolerance(evaluation: Evaluation) -> list[str]:
    """How far the outputs move while columns stay within their tolerances."""
    found = evaluation.tolerance
    if found is None:
        return []
    return ["", *found.lines()]


def _accuracies(evaluation: Evaluation) -> list[str]:
    attack = evaluation.attack
    header = "radius  certified accuracy"
    lines = []
    if attack is not None:
        lines.append(f"{'':<{len(header)}}  {f'{attack.samples} attacked samples':>22}")
        header += f"  {'certified':>10}  {'attacked':>10}"
    lines += [header, "─" * len(header)]
    under_attack = {r: (c, a) for r, c, a in attack.accuracies} if attack is not None else {}
    certified = dict(evaluation.certified)
    radii = dict.fromkeys([0.0, *certified, *under_attack])
    for radius in radii:
        cell = f"{evaluation.accuracy:.2%} (clean)" if radius == 0.0 else ""
        cell = f"{certified[radius]:.2%}" if radius and radius in certified else cell
        row = f"{radius:<6g}  {cell:<18}"
        if radius in under_attack:
            proved, left = under_attack[radius]
            row += f"  {'' if proved is None else f'{proved:.2%}':>10}  {left:>10.2%}"
        lines.append(row.rstrip())
    if evaluation.average_radius is not None:
        lines += ["", f"average certified radius {evaluation.average_radius:.4f}"]
        if evaluation.average_radius32 is not None:
            lines[-1] += f", {evaluation.average_radius32:.4f} as served in float32"
    if attack is not None and attack.ratios is not None:
        least, median = attack.ratios
        lines.append(
            f"the nearest attacks are at {least:.4f} (least) and {median:.4f} (median) of the certified radius"
        )
    serving = evaluation.serving
    if serving is not None and None not in (serving.largest_error, serving.largest_difference):
        lines.append(
            f"served in float32, a logit is off by at most {serving.largest_error:.2g} "
            f"(seen: {serving.largest_difference:.2g}); a guard would recompute {serving.recomputed} "
            f"and abstain on {serving.abstained}"
        )
    return lines
