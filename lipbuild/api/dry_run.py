from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError
from lipbuild.rules.check import Accepted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipbuild.training.options import TrainOptions
    from lipbuild.training.train import Run

_SAMPLES = 64


def dry_run(checked: Accepted, options: TrainOptions, say: Callable[[str], None]) -> None:
    """Take one batch through all that a training and what follows it does, and keep nothing.

    Args:
        checked: The config.
        options: What is said of the training besides. Where it goes does not matter, and MLflow is not told.
        say: Takes a line for each part that works.

    Raises:
        lipbuild.errors.RefusedError: A part does not work: the data does not fit, the loss is not a number, a constant
            cannot be proved, an export differs.
        lipbuild.errors.UnusableError: A file is missing.
    """
    for part, found in _parts(checked, options):
        say(f"ok  {part:<11}{found}")
    say("nothing was kept")


def _parts(checked: Accepted, options: TrainOptions) -> Iterator[tuple[str, str]]:
    import numpy as np

    from lipbuild.training.train import train

    section = checked.config.needed("train").model_copy(update={"epochs": 1, "mlflow": False})
    short = replace(checked, config=replace(checked.config, train=section))
    with TemporaryDirectory(prefix="lipbuild-") as folder:
        run = train(
            short,
            replace(
                options,
                output=Path(folder),
                folder=None,
                resume=False,
                quiet=True,
                mlflow=False,
                profile=False,
                most_steps=1,
            ),
        )
        data = run.dataset
        parts = {"training": data.train, "validation": data.validation, "test": data.test}
        sizes = ", ".join(f"{len(part)} {name}" for name, part in parts.items() if part is not None)
        yield "data", f"{sizes} samples, {data.train.steps(section.batch_size)} steps an epoch"
        row = run.history[0]
        yield "step", f"loss {row['loss']:.4g}, then {row['val_loss']:.4g} on what is watched"
        if not run.is_written:
            return
        inputs = np.asarray(next(iter(data.test.batches(min(_SAMPLES, len(data.test)))))[0])
        yield "checkpoint", _checkpoint(run, inputs)
        yield "certify", _certify(run, checked)
        yield from _export(run)


def _checkpoint(run: Run, inputs: NDArray[np.float32]) -> str:
    """Read what was written, and compare."""
    import numpy as np

    from lipbuild.saved.load_model import load_model
    from lipbuild.training.state_file import read_state

    stored = read_state(run.folder.state)
    loaded = load_model(run.folder.checkpoint)
    if stored.state.rows != list(run.history) or not np.array_equal(
        loaded.predict(inputs, verbose=0), run.model.predict(inputs, verbose=0)
    ):
        raise RefusedError("a checkpoint that was read again is not what was written")
    size = sum(path.stat().st_size for path in run.folder.state.parent.iterdir())
    return f"written and read again, {size / 2**20:.1f} MiB"


def _certify(run: Run, checked: Accepted) -> str:
    from lipbuild.api.certify import certify

    if checked.voided_by:
        return f"nothing, since the config silences {', '.join(f'`{rule}`' for rule in checked.voided_by)}"
    certify(run.folder.plain, output=run.folder.certificate)
    return "the constant of every layer is proved"


def _export(run: Run) -> Iterator[tuple[str, str]]:
    from lipbuild.api.export import export

    for exported in export(run.folder.path):
        yield "export", f"{exported.format}, outputs differ by at most {exported.difference:.2g}"
