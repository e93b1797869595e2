from __future__ import annotations

import hashlib
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

    An export holds a statement of its own, which is proved again from the weights and the operations that stand in the
    file; C is written anew from these, and has to be the same. Where a certificate is given too, it has to be the one
    that the file names.

    Args:
        model: The `.keras` file, what `certify` returned, an export, or a run or its folder, whose `plain.keras` and
            test data are then taken.
        certificate: The certificate, as a file or as `certify` returned it; that of `model` where left out. An export
            needs none.
        data: The archive with the arrays `x` and `y` whose radii the certificate states: for a `.keras` file, or in
            place of a run's own data.
        exact: Whether to prove the bounds of kernels and columns in integers (python-flint) where the certificate does
            not say so.
        known_only: Whether samples that the training did not know are left out, and those that are gone done without.

    Returns:
        The verdict: whether it holds, where it fails, on what condition, what was not looked at.

    Raises:
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
        lipbuild.errors.RefusedError: The certificate is not JSON.
    """
    from lipbuild.api.given import data_path
    from lipbuild.reading.c_program import is_program
    from lipbuild.verifier.errors import UnreadableError
    from lipbuild.verifier.exports.export import is_export
    from lipbuild.verifier.verify import verify_export

    path, file = _both(model, certificate)
    if is_program(path):
        from lipbuild.exporting.c_code.verify import verify_program

        return verify_program(path, *(_certificate(file) if file is not None else ()), exact=exact)
    if file is None:
        if not path.exists():
            raise UnusableError(f"{path}: there is no such file or folder")
        try:
            return verify_export(path, exact=exact)
        except UnreadableError as error:
            raise UnusableError(str(error)) from None
    statement, sha256 = _certificate(file)
    with data_path(data) as archive:
        try:
            if not is_export(path):
                return _of_model(path, file, statement, archive, exact=exact, known_only=known_only)
            if path.suffix != ".keras" or not _is_about(path, statement):
                return verify_export(path, statement, sha256, exact=exact)
            # It is the certificate's own model: all that is stated there is proved again, and what the file says.
            whole = _of_model(path, file, statement, archive, exact=exact, known_only=known_only)
            if _says_nothing(path):
                return whole
            # Which may be the run's, or one that was made of the file itself.
            origin = (statement, sha256) if _names(path, sha256) else ()
            return whole.beside(verify_export(path, *origin, exact=exact))
        except UnreadableError as error:
            raise UnusableError(str(error)) from None


def verify_beside(path: Path, certificate: Path) -> Verdict:
    """Prove an export again, and that it is from a certificate; the samples of that are not looked at.

    Args:
        path: The export.
        certificate: The certificate of the run.

    Raises:
        UnusableError: A file is missing or cannot be read.
        RefusedError: The certificate is no JSON.
    """
    from lipbuild.exporting.c_code.verify import verify_program
    from lipbuild.reading.c_program import is_program
    from lipbuild.verifier.errors import UnreadableError
    from lipbuild.verifier.verify import verify_export

    try:
        return (verify_program if is_program(path) else verify_export)(path, *_certificate(certificate))
    except UnreadableError as error:
        raise UnusableError(str(error)) from None


def _certificate(path: Path) -> tuple[Any, str]:
    """A certificate, and the digest of its file."""
    from lipbuild.reading.file import read_bytes
    from lipbuild.verifier.strict_json import strict_json

    content = read_bytes(path, "`lipbuild certify` makes it")
    try:
        return strict_json(content), hashlib.sha256(content).hexdigest()
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{path}: it is not a complete JSON file: {error}") from None


def _is_about(model: Path, statement: Any) -> bool:
    """Whether a certificate is of the very configuration and weights of a `.keras` file."""
    from lipbuild.verifier.digests import config_digest, weights_digest
    from lipbuild.verifier.errors import RefusedError as NotStatedError
    from lipbuild.verifier.model_file import read_model
    from lipbuild.verifier.statement import digests_of

    config, weights = read_model(model)
    try:
        return digests_of(statement) == {
            "config.json": config_digest(config),
            "weights": weights_digest(weights),
        }
    except NotStatedError:
        return False


def _names(model: Path, sha256: str) -> bool:
    """Whether an exported `.keras` file names a certificate by its digest."""
    from lipbuild.verifier.model_file import read_described

    named = (read_described(model) or {}).get("certificate")
    return isinstance(named, dict) and named.get("sha256") == sha256


def _says_nothing(model: Path) -> bool:
    """Whether a file is an export of before exports held a statement."""
    from lipbuild.verifier.model_file import read_described

    return "statement" not in (read_described(model) or {})


def _of_model(
    model: Path, certificate: Path, statement: Any, data: Path | None, *, exact: bool, known_only: bool
) -> Verdict:
    from lipbuild.verifier.verify import verify as prove_again

    plain, inputs, labels = _subject(model, certificate, statement, data, known_only)
    verdict = prove_again(plain, statement, inputs=inputs, labels=labels, exact=exact)
    if plain.name == model.name or model.is_dir():
        return verdict
    # Nobody has compared the two.
    return replace(verdict, believed=(f"{plain} computes what {model} computes", *verdict.believed))


def _both(model: Any, certificate: Any) -> tuple[Path, Path | None]:
    """The files of a model and its certificate; an export needs none."""
    from lipbuild.api.certified_data import certificate_of
    from lipbuild.api.certify import Certified
    from lipbuild.api.given import is_model, run_path
    from lipbuild.reading.c_program import is_program
    from lipbuild.verifier.exports.export import is_export

    if is_model(model):
        raise UnusableError(
            "a certificate is of a file, and this is a model in memory",
            "give the file, or what `certify` returned",
        )
    if isinstance(model, Certified):
        certificate, model = model if certificate is None else certificate, model.model
    path = run_path(model)
    if certificate is None:
        return path, None if is_export(path) or is_program(path) else certificate_of(path)
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
