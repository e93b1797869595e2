"""Whether C is what lipbuild writes of the network that its header describes, and what is proved of that."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lipbuild._version import __version__
from lipbuild.certifying.certified_network import CertifiedNetwork
from lipbuild.config.sources.input_column import InputColumn
from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.arithmetic import ARITHMETICS
from lipbuild.exporting.c_code.arrays import read_arrays
from lipbuild.exporting.c_code.call import Values
from lipbuild.exporting.c_code.description import digests_of, network_of
from lipbuild.exporting.c_code.error import ProgramError
from lipbuild.exporting.c_code.filling import filling_of
from lipbuild.exporting.c_code.known_inputs import known_answers
from lipbuild.exporting.c_code.moves import Moves
from lipbuild.exporting.c_code.radius import Semantics
from lipbuild.exporting.c_code.source import Sources
from lipbuild.exporting.c_code.subject import Stated, Subject, subject_of
from lipbuild.guard.verified import as_model
from lipbuild.reading import c_program
from lipbuild.verifier.errors import RefusedError as UnprovedError
from lipbuild.verifier.exports.checking import ExportChecking
from lipbuild.verifier.exports.export import Export
from lipbuild.verifier.verdict import Verdict
from lipbuild.verifier.verify import NOTED_OF_EXPORTS

_CODE = "each line of the code, which is what lipbuild writes of this network"


def verify_program(
    path: Path, certificate: Any = None, sha256: str | None = None, *, exact: bool = False
) -> Verdict:
    """Prove the constants again from the arrays in the code, and write the code anew.

    The network is built from the description in the header and the arrays in the code. The verifier proves the
    statement in the header of it. The code is written anew from it too, with the constants of the radius as they are
    stated, each of which has to follow. So nothing in a file can be another network or another radius.

    Args:
        path: The folder, or one of the two files.
        certificate: That of the run, as JSON is parsed; None where only the code itself is checked.
        sha256: The digest of the certificate's file.
        exact: Whether to prove bounds of kernels and of columns in integers where the statement does not say so.

    Raises:
        UnusableError: There is no such code.
    """
    metadata, header = c_program.metadata(path), c_program.header_of(path)
    assert header is not None
    checking = ExportChecking(exact)
    statement = metadata.get("statement")
    with checking.following():
        try:
            texts = {file: file.read_text(encoding="utf-8") for file in (header, header.with_suffix(".c"))}
            arrays = read_arrays(texts[header.with_suffix(".c")])
            network = network_of(metadata.get("network"), arrays)
            digests = digests_of(metadata["network"], network)
            # Of the radius the code itself is looked at.
            said = {**metadata, "radius": None}
            export = Export(as_model(network), digests, tuple(metadata["outputs"]), said)
            # Proved of the same numbers again, they would have other last digits on another processor.
            certified = CertifiedNetwork(network, *checking.export(export, statement))
            # Without a statement the step before has failed.
            checking.all_fields(metadata["statement"])
            if metadata["tool"] == f"lipbuild {__version__}":
                with checking.step("code", _CODE):
                    _check_lines(
                        checking, _subject(certified, metadata, arrays), metadata, texts, header.stem
                    )
            else:
                checking.unchecked.append(
                    f"the code around the arrays, which {metadata['tool']} wrote, and this is lipbuild {__version__}"
                )
            if certificate is not None:
                checking.origin(export, statement, certificate, sha256)
        except RefusedError as error:
            raise UnprovedError("code", error.message) from None
    return checking.verdict(statement, NOTED_OF_EXPORTS)


def _subject(
    certified: CertifiedNetwork, metadata: Mapping[str, Any], arrays: Mapping[str, Values]
) -> Subject:
    """The program that a header describes.

    Raises:
        RefusedError: A constant of its radius is not proved.
    """
    said, radius = metadata["arithmetic"], metadata["radius"]
    columns = [InputColumn(**_named(column)) for column in metadata["input"].get("columns", ())]
    slope, offset = (float(said["error"][key]) for key in ("slope", "offset"))
    error, dtype = ProgramError(slope, offset, float(said["input_norm"])), ARITHMETICS[said["name"]].dtype
    inverse = pairs = None
    classes = "logits" in metadata["outputs"]
    if classes:
        shape = certified.head.distances.shape
        alike = np.full(shape, radius["inverse"]) if radius["inverse"] is not None else arrays["inverse"]
        inverse = np.asarray(alike, dtype).reshape(shape)
        if radius["inverse"] is not None and len(inverse) > 1:
            np.fill_diagonal(inverse, 0.0)
        pairs = np.asarray(arrays["pairs"], dtype).reshape(shape) if "pairs" in arrays else None
    semantics: Semantics = radius["semantics"] if radius is not None else "real"
    subject = subject_of(
        *(certified, ARITHMETICS[said["name"]], semantics),
        classes=classes,
        filling=filling_of(columns) if metadata["fills"] else None,
        stated=Stated(error, inverse),
    )
    # What the statement says has been proved.
    moves = Moves.of(
        metadata["statement"]["predicate"], None if classes or radius is None else float(radius["size"])
    )
    return subject.saying(moves, semantics, pairs)


def _check_lines(
    checking: ExportChecking,
    subject: Subject,
    metadata: Mapping[str, Any],
    texts: Mapping[Path, str],
    name: str,
) -> None:
    answers = known_answers(subject, float(metadata["known_inputs"]["scale"]))
    sources = Sources(name, subject, answers, metadata)
    for file, expected in zip(texts, (sources.header(), sources.source())):
        lines, found = expected.splitlines(), texts[file].splitlines()
        if lines == found:
            continue
        differs = (i for i, (one, other) in enumerate(zip(lines, found), 1) if one != other)
        line = next(differs, min(len(lines), len(found)) + 1)
        checking.fail("code", f"{file.name}:{line}: it is not what lipbuild writes of this network")


def _named(column: Mapping[str, Any]) -> dict[str, Any]:
    return {key: column[key] for key in ("name", "unit", "category", "fill", "indicates") if key in column}
