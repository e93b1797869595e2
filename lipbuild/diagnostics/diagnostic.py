from __future__ import annotations

from lipbuild.diagnostics.severity import Severity
from lipbuild.frozen import dataclass
from lipbuild.text.fix import Fix
from lipbuild.text.problem import Problem, Related
from lipbuild.text.span import Span


@dataclass(frozen=True)
class Diagnostic:
    """One finding, ready to be shown: which rule, how grave, where, why, and what to do.

    Attributes:
        code: The rule's stable code (`LIP203`).
        rule: The rule's readable name (`dropout`).
        severity: How much it weighs.
        message: What is wrong: lower case, no full stop.
        span: The smallest stretch of text that is wrong.
        label: A few words beside the carets.
        related: Other places that it has to do with.
        notes: What else one has to know.
        help: What to do.
        fix: The change of the text that mends it, where there is one.
        reason: Why a comment of the config silences it, in the comment's words; empty where none does.
    """

    code: str
    rule: str
    severity: Severity
    message: str
    span: Span
    label: str = ""
    related: tuple[Related, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""
    fix: Fix | None = None
    reason: str = ""

    @classmethod
    def of(cls, problem: Problem, code: str, severity: Severity) -> Diagnostic:
        """The diagnostic of a problem, under its rule's code and severity."""
        return cls(
            code=code,
            rule=problem.rule,
            severity=severity,
            message=problem.message,
            span=problem.span,
            label=problem.label,
            related=problem.related,
            notes=problem.notes,
            help=problem.help,
            fix=problem.fix,
            reason=problem.reason,
        )
