from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lipbuild._version import __version__
from lipbuild.certifying.certificate import certify
from lipbuild.certifying.network import Network
from lipbuild.certifying.stated_columns import Move
from lipbuild.certifying.stated_tolerance import Tolerance
from lipbuild.errors import RefusedError
from lipbuild.guard.verified import as_network
from lipbuild.verifier.errors import RefusedError as UnknownError
from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.exports.export import Export, read_export

# The formats that the verifier reads.
VERIFIED = ("keras", "onnx", "litert", "saved_model")


@dataclass(frozen=True)
class Statement:
    """A certificate of an exported file itself, which lies in the file.

    Attributes:
        digests: Of the operations and the weights, as they stand in the file.
        statement: What is proved of them; None where nothing is.
        reason: Why nothing is.
        export: The file as it was read.
        network: What was read, for the prover.
    """

    digests: Mapping[str, str]
    statement: dict[str, Any] | None
    reason: str = ""
    export: Export | None = None
    network: Network | None = None

    @property
    def lipschitz(self) -> float | None:
        """The constant that it states."""
        return None if self.statement is None else float.fromhex(self.statement["predicate"]["lipschitz"])

    def raised(self, lipschitz: float) -> Statement:
        """The same with a greater constant, which is as true."""
        assert self.statement is not None
        predicate = {**self.statement["predicate"], "lipschitz": lipschitz.hex()}
        statement = {**self.statement, "predicate": predicate}
        return Statement(self.digests, statement, self.reason, self.export, self.network)


def statement_of(
    path: Path,
    outputs: Mapping[str, str],
    moves: Sequence[Move] = (),
    tolerances: Sequence[Tolerance] = (),
) -> Statement:
    """Read a file as the verifier does, without its runtime, and prove the constants of what was read.

    Args:
        path: The file or folder, which need not say anything of itself yet.
        outputs: The names of its outputs.
        moves: The changes of single columns whose effect is stated.
        tolerances: By how much columns may be off.
    """
    try:
        export = read_export(path, {"outputs": dict(outputs)})
        network = as_network(export.model)
        statement = certify(
            *(network, export.digests), columns=moves, tolerances=tolerances, tool=f"lipbuild {__version__}"
        )
    except (UnknownError, UnreadableError) as error:
        return Statement({}, None, str(error))
    except RefusedError as error:
        return Statement({}, None, error.message)
    return Statement(export.digests, statement, "", export, network)
