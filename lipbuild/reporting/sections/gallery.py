from __future__ import annotations

from typing import Any

import numpy as np

from lipbuild.reading.arrays import open_archive
from lipbuild.reporting.charts.image import difference, grey_or_colour
from lipbuild.reporting.charts.picture import picture
from lipbuild.reporting.run_files import REMEDY, RunFiles
from lipbuild.reporting.section import Gallery, Missing, Section

_PICTURES = 12


def gallery(run: RunFiles) -> Section:
    """The images that the smallest perturbations give another class: image, perturbation, result."""
    title = "Nearest adversarial images"
    path, evaluation = run.folder.attacks, run.evaluation
    if evaluation is None or not path.is_file():
        if evaluation is not None and evaluation["task"] == "regression":
            return Section("gallery", title, [Missing("A regression has no adversarial images.")])
        command = f"lipbuild evaluate {run.folder.path} --attack" if run.has_ended else ""
        return Section("gallery", title, [Missing("There are no adversarial examples.", command)])
    with open_archive(path, REMEDY) as archive:
        arrays: dict[str, Any] = {name: archive.array(name) for name in archive.names}
    x, adversarial, distances = arrays["x"], arrays["adversarial"], arrays["distance"]
    if x.ndim != 4 or x.shape[3] not in (1, 3):
        return Section("gallery", title, [Missing("The inputs of this network are not images.")])
    found = np.flatnonzero(np.isfinite(distances))
    if not len(found):
        return Section("gallery", title, [Missing("The attacks found nothing.")])
    names = evaluation["confusion"]["classes"]
    low, high = float(x.min()), float(x.max())
    pictures = []
    for i in found[np.argsort(distances[found])][:_PICTURES]:
        before, after = (_name(names, arrays[key][i]) for key in ("label", "adversarial_label"))
        change = adversarial[i] - x[i]
        captions = [f"{before}, taken for {after}", f"distance {distances[i]:.4g}"]
        if "radius" in arrays:
            captions.append(f"certified {arrays['radius'][i]:.4g}")
        images = (
            (grey_or_colour(x[i], low, high), f"test sample {arrays['sample'][i]}, {before}"),
            (difference(change), f"the perturbation, at most {np.abs(change).max():.3g} in a value"),
            (grey_or_colour(adversarial[i], low, high), f"the result, {after}"),
        )
        pictures.append(picture(images, captions))
    caption = (
        "The image; the perturbation, blue where it darkens and red where it brightens, its largest change at full "
        "colour; and the result, which the network takes for another class."
    )
    return Section("gallery", title, [Gallery(pictures, caption)])


def _name(names: list[str], label: int) -> str:
    return str(names[int(label)]) if 0 <= int(label) < len(names) else str(int(label))
