from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipbuild.verifier.verdict import Verdict


def verify(
    model: str | Path,
    certificate: str | Path,
    data: str | Path | None = None,
    *,
    exact: bool = False,
    known_only: bool = False,
) -> Verdict:
    """Re-prove every number of a certificate from the model's weights. Nothing in the certificate is trusted.

    A certificate is of a plain network. Where a model with layers of lipbuild is given, the plain file beside the
    certificate is looked at, and that both compute the same is a condition of the verdict.

    Args:
        model: The `.keras` file, or a run folder, whose `plain.keras` and test data are then taken.
        certificate: The certificate.
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
    from lipbuild.reading.file import read_text
    from lipbuild.verifier.errors import UnreadableError
    from lipbuild.verifier.strict_json import strict_json
    from lipbuild.verifier.verify import verify as prove_again

    model, certificate = Path(model), Path(certificate)
    text = read_text(certificate, "`lipbuild certify` makes it")
    try:
        statement = strict_json(text)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{certificate}: it is not a complete JSON file: {error}") from None
    archive = Path(data) if data is not None else None
    plain, inputs, labels = _subject(model, certificate, statement, archive, known_only)
    try:
        verdict = prove_again(plain, statement, inputs=inputs, labels=labels, exact=exact)
    except UnreadableError as error:
        raise UnusableError(str(error)) from None
    if plain.name == model.name or model.is_dir():
        return verdict
    # Nobody has compared the two.
    return replace(verdict, believed=(f"{plain} computes what {model} computes", *verdict.believed))


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
