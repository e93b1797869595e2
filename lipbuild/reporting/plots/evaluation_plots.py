from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lipbuild.errors import UnusableError
from lipbuild.evaluation.judged import Judged
from lipbuild.evaluation.sample_attack import SampleAttack
from lipbuild.training.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOTS = 150
_NAMES = ("accuracy.png", "radii.png", "adversarial.png")


def evaluation_plots(
    folder: Path,
    judged: Judged,
    attack: SampleAttack | None,
    names: Sequence[str],
    radii: Sequence[float],
    unit: str,
) -> list[Path]:
    """Draw an evaluation: accuracy against radius, a histogram of radii, the nearest adversarial images.

    Args:
        folder: Where the plots go.
        judged: The samples, with what is proved about each.
        attack: The attack, where one was made.
        names: The names of the classes.
        radii: The radii of the certified accuracies.
        unit: What one unit of a radius is.

    Returns:
        The files.

    Raises:
        UnusableError: matplotlib is not installed, or the folder cannot be written.
    """
    try:
        from lipbuild.reporting.plots.accuracy_curves import accuracy_curves
        from lipbuild.reporting.plots.adversarial_gallery import adversarial_gallery
        from lipbuild.reporting.plots.radius_histogram import radius_histogram
    except ImportError:
        raise UnusableError("matplotlib is not installed", "pip install 'lipbuild[plots]'") from None
    figures: dict[str, Figure | None] = {}
    reached = judged.reached
    curves = [(f"certified, {len(reached)} samples", reached)] if reached is not None else []
    if attack is not None:
        distances = np.where(judged.right[attack.samples], attack.found.distances, -1.0)
        if reached is not None and len(distances) < len(reached):
            curves.append((f"certified, the {len(distances)} attacked", reached[attack.samples]))
        curves.append((f"attacked, {len(distances)} samples", distances))
    if curves:
        figures["accuracy.png"] = accuracy_curves(curves, unit, radii)
    if judged.radii is not None:
        figures["radii.png"] = radius_histogram(judged.radii, judged.right, unit)
    if attack is not None:
        certified = None if judged.radii is None else judged.radii[attack.samples]
        figures["adversarial.png"] = adversarial_gallery(
            attack, judged.targets[attack.samples], names, certified
        )
    written = []
    for name in _NAMES:
        # Not one of an earlier evaluation beside the new ones.
        (folder / name).unlink(missing_ok=True)
        figure = figures.get(name)
        if figure is not None:
            write_whole(folder / name, partial(figure.savefig, dpi=_DOTS))
            written.append(folder / name)
    return written
