"""Proving every number of a certificate again, from the model's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lipbuild.verifier.checking import Checking
from lipbuild.verifier.exports.checking import ExportChecking
from lipbuild.verifier.exports.export import read_export
from lipbuild.verifier.floats import check_arithmetic
from lipbuild.verifier.verdict import Verdict

# What a certificate states that nothing rests on.
NOTED = (
    "`tool`, `model`, `samples.part`, the names of columns; `lower`, which only is no more than `upper`; "
    "the attacks, which only lie outside the radii",
)
NOTED_OF_EXPORTS = (
    "`tool`; `lower`, which only is no more than `upper`; names, units and classes; the run's certificate",
)


def verify(
    path: Path,
    certificate: Any,
    *,
    inputs: np.ndarray | None = None,
    labels: np.ndarray | None = None,
    exact: bool = False,
) -> Verdict:
    """Check a certificate against a `.keras` file.

    Nothing in the certificate is trusted: each number is proved again from the weights, or must follow from numbers
    that are. Names of rules, grids and the like are hints of how to prove a number.

    Args:
        path: a `.keras` file.
        certificate: The certificate, as JSON is parsed.
        inputs: The data whose radii are stated, as the model reads it.
        labels: Its labels.
        exact: Whether to prove bounds of kernels and of columns in integers where the certificate does not say so.

    Returns:
        The verdict: where it fails, and why.

    Raises:
        UnreadableError: If the model's file cannot be read, or python-flint is needed and not installed.
    """
    check_arithmetic()
    checking = Checking(exact)
    with checking.following():
        checking.certificate(path, certificate, inputs, labels)
        checking.all_fields(certificate)
    return checking.verdict(certificate, NOTED)


def verify_export(
    path: Path, certificate: Any = None, sha256: str | None = None, *, exact: bool = False
) -> Verdict:
    """Check an exported file against what it says of itself: its digests, its statement, the constants of its radius.

    The statement is a certificate of the file itself: it is proved again from the weights and the operations that stand
    in the file, which is read without its runtime.

    Args:
        path: The file, or the folder of a SavedModel.
        certificate: That of the run, as JSON is parsed, which the file then has to name, and whose constant that of the
            file may not exceed; None where only the file itself is checked.
        sha256: The digest of the certificate's file.
        exact: Whether to prove bounds of kernels and of columns in integers where the statement does not say so.

    Returns:
        The verdict: where it fails, and why.

    Raises:
        UnreadableError: If the file cannot be read, or python-flint is needed and not installed.
    """
    check_arithmetic()
    checking = ExportChecking(exact)
    statement: Any = None
    with checking.following():
        export = read_export(path)
        statement = export.description.get("statement")
        checking.export(export, statement)
        checking.all_fields(statement)
        if certificate is not None:
            checking.origin(export, statement, certificate, sha256)
    return checking.verdict(statement, NOTED_OF_EXPORTS)
