from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lipbuild.errors import RefusedError, UnusableError

if TYPE_CHECKING:
    from lipbuild.certify.verify.verdict import Verdict


def verify(
    model: str | Path, certificate: str | Path, data: str | Path | None = None, *, exact: bool = False
) -> Verdict:
    """Re-prove every number of a certificate from the model's weights. Nothing in the certificate is trusted.

    Args:
        model: The `.keras` file, or the run folder that it lies in, whose test data is then used.
        certificate: The certificate.
        data: For a `.keras` file: the archive with the arrays `x` and `y` whose radii the certificate states.
        exact: Whether to prove the bounds of kernels in integers (python-flint) where the certificate does not say
            so.

    Returns:
        The verdict: whether it holds, where it fails, what could not be looked at.

    Raises:
        lipbuild.errors.UnusableError: A file is missing or cannot be read.
        lipbuild.errors.RefusedError: The certificate is no JSON.
    """
    from lipbuild.api.certified_data import archive_data, certified_file, run_data
    from lipbuild.certify.verify.errors import UnreadableError
    from lipbuild.certify.verify.strict_json import strict_json
    from lipbuild.certify.verify.verify import verify as prove_again

    model, certificate = Path(model), Path(certificate)
    try:
        statement = strict_json(certificate.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnusableError(f"{certificate}: there is no such certificate") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableError(f"{certificate}: it cannot be read: {error}") from None
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{certificate}: it is no whole JSON file: {error}") from None
    if model.is_dir() and not (model / "saved_model.pb").is_file():
        model, _, inputs, labels = run_data(model)
    else:
        model = certified_file(model)
        inputs, labels = archive_data(Path(data)) if data is not None else (None, None)
    try:
        return prove_again(model, statement, inputs=inputs, labels=labels, exact=exact)
    except UnreadableError as error:
        raise UnusableError(str(error)) from None
