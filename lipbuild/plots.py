"""Charts for notebooks: each function returns an SVG drawing that shows itself.

`drawing.as_file()` is the text of an SVG file. Nothing else is needed, neither matplotlib nor a browser.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError

if TYPE_CHECKING:
    import keras
    from numpy.typing import ArrayLike

    from lipbuild.evaluation.evaluation import Evaluation
    from lipbuild.reporting.charts.drawing import Drawing

__all__ = ["accuracy_curves", "adversarial", "lines", "partial_dependence", "plane"]


def lines(
    series: Mapping[str, Sequence[tuple[float, float]]], x_label: str, y_label: str, *, percent: bool = False
) -> Drawing:
    """Lines over one axis, each named at its end.

    Args:
        series: The points (x, y) of each line by its name.
        x_label: The quantity on the horizontal axis, with its unit.
        y_label: The quantity on the vertical axis.
        percent: Whether y is a share, shown from 0 to 100 %.

    Raises:
        ValueError: There is no line, or a line without points.
    """
    from lipbuild.reporting.charts.line_chart import line_chart
    from lipbuild.reporting.charts.series import Series

    if not series or not all(len(points) for points in series.values()):
        raise ValueError("give one line or more, each with one point (x, y) or more")
    drawn = [
        Series(name, tuple((float(x), float(y)) for x, y in points), colour)
        for colour, (name, points) in enumerate(series.items())
    ]
    return line_chart(drawn, f"{y_label} against {x_label}", x_label, y_label, percent=percent)


def accuracy_curves(evaluations: Mapping[str, Evaluation]) -> Drawing:
    """Certified accuracy against the radius: what each network keeps right under every smaller perturbation.

    Args:
        evaluations: What `lipbuild.evaluate` returned of each network, by a name for it.

    Raises:
        lipbuild.errors.RefusedError: Of one of them nothing is certified, or its radii have another unit.
    """
    for name, evaluation in evaluations.items():
        if not evaluation.curve:
            raise RefusedError(
                f"`{name}` has no certified accuracy", "only certified classifiers have a curve"
            )
    units = dict.fromkeys(evaluation.unit for evaluation in evaluations.values())
    if len(units) > 1:
        raise RefusedError(
            f"the radii have different units: {', '.join(units)}", "draw a chart for each unit"
        )
    curves = {name: evaluation.curve for name, evaluation in evaluations.items()}
    return lines(curves, f"L2 radius ({next(iter(units), '')})", "certified accuracy", percent=True)


def partial_dependence(run: str | Path, column: str, output: str | None = None) -> Drawing:
    """The mean of an output over test samples against one column, and the band in which it is proved to lie.

    At each value v of the chart the column is set to v in all samples. From the dot at v₀ on, the band is
    `mean(v₀) + [least, greatest] · (v − v₀)`, with the least and the greatest slope as they are proved for all inputs.

    Args:
        run: The folder of an evaluated run on a table.
        column: The name of a column of numbers.
        output: The name of a number to predict or of a class; not needed if there is one output.

    Raises:
        lipbuild.errors.RefusedError: Nothing is stated of this column or of this output.
        lipbuild.errors.UnusableError: It is no run folder.
    """
    from lipbuild.reporting.charts.dependence_chart import dependence_chart
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.reporting.sections.columns import dependence

    found = dependence(RunFiles.of(Path(run)))
    if found is None:
        raise RefusedError(
            f"{run}: there is nothing to draw",
            "it needs a network on a table with columns of numbers that `lipbuild evaluate` has measured",
        )
    columns, outputs = found.columns.tolist(), found.outputs.tolist()
    if column not in columns:
        raise RefusedError(
            f"`{column}` is not a column of numbers that changes; these are: {', '.join(columns)}"
        )
    if output is None and len(outputs) > 1:
        raise RefusedError("the network has several outputs", f"give one of them: {', '.join(outputs)}")
    if output is not None and output not in outputs:
        raise RefusedError(f"`{output}` is not an output; these are: {', '.join(outputs)}")
    return dependence_chart(found, columns.index(column), 0 if output is None else outputs.index(output))


def plane(
    network: str | Path | keras.Model,
    x: ArrayLike | None = None,
    labels: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Drawing:
    """The decision regions of a classifier of two numbers, with samples and their certified balls.

    A region is the darker the greater the certified radius there. A dot is a sample in the colour of its true class,
    and within the circle around a right one no perturbation changes the answer.

    Args:
        network: The folder of an evaluated run, or a Keras model, whose constant is then proved.
        x: For a model: samples, (samples, 2).
        labels: For a model: their class numbers, (samples,).
        names: For a model: the names of the classes; their numbers where left out.

    Raises:
        lipbuild.errors.RefusedError: The network does not take two numbers, or an operation has no proved constant.
        lipbuild.errors.UnusableError: It is not a run folder.
    """
    from lipbuild.reporting.charts.plane_chart import plane_chart
    from lipbuild.reporting.run_files import RunFiles
    from lipbuild.reporting.sections.plane import plane_drawing

    if isinstance(network, (str, Path)):
        drawing = plane_drawing(RunFiles.of(Path(network)))
        if drawing is None:
            raise RefusedError(
                f"{network}: there is nothing to draw",
                "it needs a classifier of two numbers that `lipbuild evaluate` has measured",
            )
        return drawing
    import numpy as np

    from lipbuild.certifying.certified_network import CertifiedNetwork
    from lipbuild.evaluation.plane import plane as look
    from lipbuild.guard.agreement import check_agreement
    from lipbuild.saved.keras_network import keras_network
    from lipbuild.saved.plain_form import plain_form_of

    points, targets = np.asarray(x, np.float64), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or network.input_shape[1:] != (2,):
        raise RefusedError(
            "only a network of two numbers has a plane",
            "give a model of the input shape (2,) and samples of it",
        )
    if len(points) == 0 or not np.isfinite(points).all():
        raise RefusedError(
            "the plane is drawn around samples", "give one sample or more, all of finite numbers"
        )
    if targets.size != len(points) or targets.dtype.kind not in "iufb":
        raise RefusedError(
            "each sample has one label, the number of its class", "give `labels` of `len(x)` numbers"
        )
    plain = plain_form_of(network)
    known = keras_network(plain)
    certified = CertifiedNetwork.of(known)
    check_agreement(plain, known)
    numbers = targets.reshape(len(points)).astype(np.int64)
    classes = max(2, certified.head.distances.shape[0])
    if numbers.min() < 0 or numbers.max() >= classes:
        raise RefusedError(f"the labels are class numbers from 0 to {classes - 1}")
    shown = list(names) if names is not None else [str(i) for i in range(classes)]
    if len(shown) != classes:
        raise RefusedError(f"the network has {classes} classes, and there are {len(shown)} names")
    return plane_chart(look(certified.logits, certified.head, points, numbers), shown)


def adversarial(run: str | Path) -> Drawing:
    """The images that the smallest perturbations give another class: image, perturbation, result.

    Args:
        run: The folder of a run that was evaluated with an attack.

    Raises:
        lipbuild.errors.RefusedError: There are no adversarial images.
        lipbuild.errors.UnusableError: It is not a run folder.
    """
    from lipbuild.reporting.chart_files import gallery_drawing
    from lipbuild.reporting.run_files import RunFiles

    drawing = gallery_drawing(RunFiles.of(Path(run)))
    if drawing is None:
        raise RefusedError(
            f"{run}: there are no adversarial images", "evaluate a classifier of images with an attack first"
        )
    return drawing
