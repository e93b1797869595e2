from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipbuild.api.certify import Certified
    from lipbuild.api.given import DataLike
    from lipbuild.training.run_folder import RunFolder
    from lipbuild.training.train import Run
    from lipbuild.verifier.verdict import Verdict


def verify(
    model: str | Path | Run | RunFolder | Certified,
    certificate: str | Path | Certified | None = None,
    data: DataLike | None = None,
    *,
    exact: bool = False,
    known_only: bool = False,
) -> Verdict:
    """Re-prove every number of a certificate from the model's weights. Nothing in the certificate is trusted.

    A certificate is of a plain network. Where a model with layers of lipbuild is given, the plain file beside the
    certificate is looked at, and that both compute the same is a condition of the verdict.

    Args:
        model: The `.keras` file, what `certify` returned, or a run or its folder, whose `plain.keras` and test data are
            then taken.
        certificate: The certificate, as a file or as `certify` returned it; that of `model` where left out.
        data: The archive with the arrays `x` and `y` whose radii the certificate states: for a `.keras` file, or in
            place of a run's own data.
        exact: Whether to prove the bounds of kernels in integers (python-flint) where the certificate does not say
            so.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Returns:
        The verdict: whether it holds, where it fails, on what condition, what was not looked at.

    Raises:
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
        lipbuild.errors.RefusedError: The certificate is no JSON.
    """
    from lipbuild.api.given import data_path
    from lipbuild.reading.file import read_text
    from lipbuild.verifier.errors import UnreadableError
    from lipbuild.verifier.strict_json import strict_json
    from lipbuild.verifier.verify import verify as prove_again

    model, certificate = _both(model, certificate)
    text = read_text(certificate, "`lipbuild certify` makes it")
    try:
        statement = strict_json(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{certificate}: it is not a complete JSON file: {error}") from None
    with data_path(data) as archive:
        plain, inputs, labels = _subject(model, certificate, statement, archive, known_only)
    try:
        verdict = prove_again(plain, statement, inputs=inputs, labels=labels, exact=exact)
    except UnreadableError as error:
        raise UnusableError(str(error)) from None
    if plain.name == model.name or model.is_dir():
        return verdict
    # Nobody has compared the two.
    return replace(verdict, believed=(f"{plain} computes what {model} computes", *verdict.believed))


def _both(model: Any, certificate: Any) -> tuple[Path, Path]:
    """The files of a model and its certificate."""
    from lipbuild.api.certify import Certified
    from lipbuild.api.given import is_model, run_path
    from lipbuild.training.run_folder import RunFolder

    if is_model(model):
        raise UnusableError(
            "a certificate is of a file, and this is a model in memory",
            "give the file, or what `certify` returned",
        )
    if isinstance(model, Certified):
        certificate, model = model if certificate is None else certificate, model.model
    path = run_path(model)
    if certificate is None:
        certificate = RunFolder(path).certificate if path.is_dir() else path.with_suffix(".certificate.json")
    return path, certificate.path if isinstance(certificate, Certified) else Path(certificate)


def _subject(
    model: Path, certificate: Path, statement: Any, data: Path | None, known_only: bool
) -> tuple[Path, NDArray[np.float32] | None, NDArray[np.generic] | None]:
    """The plain file that is looked at, and its data."""
    from lipbuild.api.certified_data import archive_data, certified_file, require_folder, run_data
    from lipbuild.saved.plain_file import is_plain, plain_file_of
    from lipbuild.training.run_folder import is_folder, open_run_folder

    if is_folder(model):
        run = open_run_folder(model)
        if not run.plain.is_file():
            raise UnusableError(
                f"{run.plain}: it is missing, and certificates are of it",
                f"`lipbuild certify {model}` makes it, and a certificate of it",
            )
        return run.plain, *run_data(model, data, known_only=known_only)[:2]
    require_folder(model, known_only=known_only)
    model = certified_file(model)
    inputs, labels = archive_data(data) if data is not None else (None, None)
    if is_plain(model):
        return model, inputs, labels
    plain = certificate.with_name(_named(statement) or plain_file_of(model))
    if not plain.is_file():
        raise UnusableError(
            f"{model}: it has layers of lipbuild, and its certificate is of {plain}, which is missing",
            f"put the file there, or make both again with `lipbuild certify {model}`",
        )
    return plain, inputs, labels


def _named(statement: Any) -> str | None:
    """The file that a certificate says it is of, if it says a name."""
    from lipbuild.verifier.errors import RefusedError as NotNamedError
    from lipbuild.verifier.statement import file_of, part

    try:
        return file_of(part(statement, "predicate", "certificate"))
    except NotNamedError:
        return None
