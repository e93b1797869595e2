from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity
from lipbuild.frozen import dataclass


@dataclass(frozen=True)
class FileReport:
    """What is to be said of one file.

    Attributes:
        name: The file as the user called it.
        diagnostics: The findings, in their order.
        suppressed: The findings that comments silence.
        voided_by: The soundness rules among these: each voids the certificate.
        fixed: How many fixes were made.
        network: The network as a JSON value, where it is asked for and there is one.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...] = field(default=())
    voided_by: tuple[str, ...] = field(default=())
    fixed: int = 0
    network: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether none of the findings is an error."""
        return all(diagnostic.severity is not Severity.ERROR for diagnostic in self.diagnostics)
