from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lipbuild.export.export import Exported


def export(
    run: str | Path,
    formats: Sequence[str] | None = None,
    output: str | Path | None = None,
    overrides: Sequence[str] = (),
    *,
    overwrite: bool = False,
) -> list[Exported]:
    """Write a trained network as plain files, without any lipbuild class.

    Each file is run before it appears: its outputs must agree with the trained model's to 1e-5 on the test
    data, and the spectral norm of each of its kernels must be at most k·(1 + 1e-6).

    Args:
        run: The run folder.
        formats: `keras`, `saved_model`; those of the config where left out.
        output: The file or folder; `exports` in the run folder where left out.
        overrides: `path=value` options laid over the run's config, such as where the data is now.
        overwrite: Whether what is there may be replaced.

    Raises:
        lipbuild.errors.RefusedError: An export did not pass.
        lipbuild.errors.UnusableError: It is no run folder, something is in the way, or it cannot be written.
    """
    from lipbuild.data.config_data import load_dataset
    from lipbuild.export.export import export_model
    from lipbuild.training.run_folder import open_run_folder
    from lipbuild.training.trained import load_trained

    folder = open_run_folder(Path(run))
    trained = load_trained(folder, overrides)
    inputs = load_dataset(trained.config, trained.graph).test.x
    return export_model(
        trained.model,
        trained.graph,
        inputs,
        list(formats) if formats is not None else list(trained.config.export.formats),
        Path(output) if output is not None else folder.exports,
        # What lies in the run's own folder was made from the same weights.
        overwrite=overwrite or output is None,
    )
