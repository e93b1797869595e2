from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Certified:
    """A certificate that was written.

    Attributes:
        path: Where it is.
        model: The model that it is about.
        statement: The certificate itself; numbers are hexadecimal floats.
    """

    path: Path
    model: Path
    statement: dict[str, Any]


def certify(
    target: str | Path,
    data: str | Path | None = None,
    output: str | Path | None = None,
    *,
    semantics: Literal["real", "float32", "guarded"] = "real",
    exact: bool = False,
) -> Certified:
    """Prove a saved model's constants from its weights, and write what is proved as a certificate.

    Neither TensorFlow nor Keras is loaded: the model's file is read as it is.

    Args:
        target: A run folder, whose test data is certified too, or any `.keras` file of layers that have a
            proved constant.
        data: For a `.keras` file: an archive with the arrays `x` and `y`, whose radii are stated.
        output: The certificate; `certificate.json` in the run folder, or beside the model, where left out.
        semantics: `real` states radii of the function in exact arithmetic, `float32` of the network as it is
            served, all rounding subtracted, `guarded` of the network as it is served behind a guard that abstains
            where rounding could decide.
        exact: Whether to prove in integers (needs python-flint).

    Raises:
        lipbuild.errors.RefusedError: The model has an operation without a proved constant, or its config
            silences a soundness rule.
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
    """
    from lipbuild._version import __version__
    from lipbuild.api.certified_data import archive_data, certified_file, run_data
    from lipbuild.certify.archive import read_archive
    from lipbuild.certify.certificate import certify as prove
    from lipbuild.report.live.report_file import refresh_report
    from lipbuild.training.files import write_json
    from lipbuild.training.run_folder import RunFolder

    target = Path(target)
    if target.is_dir() and not (target / "saved_model.pb").is_file():
        model, destination, inputs, labels = run_data(target)
    else:
        model, destination = certified_file(target), target.with_suffix(".certificate.json")
        inputs, labels = archive_data(Path(data)) if data is not None else (None, None)
    destination = Path(output) if output is not None else destination
    config, weights = read_archive(model)
    statement = prove(
        config,
        weights,
        inputs=inputs,
        labels=labels,
        semantics=semantics,
        exact=exact,
        tool=f"lipbuild {__version__}",
    )
    write_json(destination, statement)
    if target.is_dir() and destination == RunFolder(target).certificate:
        refresh_report(RunFolder(target))
    return Certified(destination, model, statement)
