from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lipbuild.building.keras_settings import keras_settings
from lipbuild.outputs.shown import Shown

if TYPE_CHECKING:
    from lipbuild.api.given import DataLike, ModelLike


@dataclass(frozen=True)
class Certified(Shown):
    """A certificate that was written.

    Attributes:
        path: Where it is.
        model: The plain file that it is of.
        statement: The certificate itself; numbers are hexadecimal floats.
        made_from: The model whose plain form that file is, where it was written for the certificate.
    """

    path: Path
    model: Path
    statement: dict[str, Any]
    made_from: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """As `lipbuild certify --format json` prints it: numbers as decimals, each read as the number proved."""
        predicate = self.statement["predicate"]
        samples = predicate.get("samples")
        radii = [float.fromhex(radius) for radius in samples["radii"]] if samples is not None else []
        return {
            "certificate": str(self.path),
            "model": str(self.model),
            "made_from": None if self.made_from is None else str(self.made_from),
            "lipschitz": float.fromhex(predicate["lipschitz"]),
            "norm": "L2",
            "semantics": predicate["inference"]["semantics"],
            "samples": None
            if samples is None
            else {
                "count": len(radii),
                "average_radius": sum(radii) / max(len(radii), 1),
                "accuracy": samples.get("accuracy"),
            },
            "nodes": [
                {
                    "name": node["name"],
                    "kind": node["kind"],
                    "shape": list(node["shape"]),
                    **{key: float.fromhex(node[key]) if key in node else None for key in ("upper", "lower")},
                    "constant": float.fromhex(node["constant"]),
                }
                for node in predicate["nodes"]
            ],
        }


@keras_settings()
def certify(
    target: ModelLike,
    data: DataLike | None = None,
    output: str | Path | None = None,
    *,
    semantics: Literal["real", "float32", "guarded"] = "real",
    exact: bool = False,
    known_only: bool = False,
) -> Certified:
    """Prove a saved model's constants from its weights, and write what is proved as a certificate.

    A certificate is of a plain network: Keras's layers alone, whose kernels are stored. That of a run is of its
    `plain.keras`. A file of Keras's layers is certified as it is. Of a model with layers of lipbuild the plain form is
    made through Keras and written beside the certificate. What is read of the plain file is compared, in float64, with
    what Keras computes of it.

    Args:
        target: A run or its folder, whose test data is certified too, or any `.keras` file or Keras model of layers
            that have a proved constant. A model in memory is written beside its certificate.
        data: Arrays `(x, y)`, a `tf.data.Dataset` of such pairs, or an archive with the arrays `x` and `y`, whose radii
            are stated: for a model, or in place of a run's own test data.
        output: The certificate; `certificate.json` in the run folder, or beside the model, where left out.
        semantics: `real` states radii of the function in exact arithmetic, `float32` of the network as it is
            served, all rounding subtracted, `guarded` of the network as it is served behind a guard that abstains
            where rounding could decide.
        exact: Whether to prove in integers (needs python-flint).
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Raises:
        lipbuild.errors.RefusedError: The model has an operation without a proved constant or has no plain form,
            its config silences a soundness rule, or Keras computes something else than was read. Nothing is written
            then.
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
    """
    from lipbuild._version import __version__
    from lipbuild.api.certified_data import subject_of
    from lipbuild.api.given import data_path, is_model, run_path, stored_model
    from lipbuild.certifying.stated_columns import slopes_stated
    from lipbuild.evaluation.monotone import check_monotone
    from lipbuild.guard.agreement import check_agreement
    from lipbuild.reporting.live.report_file import refresh_report
    from lipbuild.saved.archive import read_archive
    from lipbuild.saved.certify import certify as prove
    from lipbuild.saved.keras_config import network_of
    from lipbuild.training.files import write_json, write_whole
    from lipbuild.training.run_folder import RunFolder, is_folder

    certificate = Path(output) if output is not None else None
    if is_model(target):
        target, certificate = stored_model(target, certificate)
    target = run_path(target)
    with data_path(data) as samples:
        subject = subject_of(target, samples, certificate, known_only=known_only)
    statements: list[dict[str, Any]] = []

    def prove_and_write(plain: Path) -> None:
        config, weights = read_archive(plain)
        check_agreement(plain, network_of(config, weights), subject.inputs)
        statement = prove(
            config,
            weights,
            inputs=subject.inputs,
            labels=subject.labels,
            part=subject.part,
            semantics=semantics,
            exact=exact,
            columns=subject.columns,
            tolerances=subject.tolerances,
            file=subject.plain.name,
            tool=f"lipbuild {__version__}",
        )
        if exact and (subject.columns or subject.tolerances):
            _decide_in_integers(plain, statement)
        if subject.config is not None:
            check_monotone(subject.config, slopes_stated(statement))
        write_json(subject.certificate, statement)
        statements.append(statement)

    if subject.write_plain is None:
        prove_and_write(subject.plain)
    else:
        make = subject.write_plain

        def write(temporary: Path) -> None:
            make(temporary)
            prove_and_write(temporary)

        write_whole(subject.plain, write)
    if is_folder(target) and subject.certificate == RunFolder(target).certificate:
        refresh_report(RunFolder(target))
    made_from = subject.model if subject.write_plain is not None else None
    return Certified(subject.certificate, subject.plain, statements[0], made_from)


def _decide_in_integers(plain: Path, statement: dict[str, Any]) -> None:
    """Refuse what the prover computes of columns in floats, unless the verifier proves it in integers."""
    from lipbuild.errors import RefusedError
    from lipbuild.verifier import verify

    failures = verify(plain, statement, exact=True).failures
    if failures:
        raise RefusedError(f"`{failures[0].where}` is not proved in integers: {failures[0].message}")
