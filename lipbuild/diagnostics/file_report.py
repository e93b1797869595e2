from __future__ import annotations

from dataclasses import dataclass, field

from lipbuild.diagnostics.diagnostic import Diagnostic
from lipbuild.diagnostics.severity import Severity


@dataclass(frozen=True)
class FileReport:
    """What is to be said of one file.

    Attributes:
        name: The file as the user called it.
        diagnostics: The findings, in their order.
        suppressed: The findings that comments silence.
        voided_by: The soundness rules among these: each voids the certificate.
        fixed: How many fixes were made.
    """

    name: str
    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...] = field(default=())
    voided_by: tuple[str, ...] = field(default=())
    fixed: int = 0

    @property
    def ok(self) -> bool:
        """Whether none of the findings is an error."""
        return all(diagnostic.severity is not Severity.ERROR for diagnostic in self.diagnostics)
