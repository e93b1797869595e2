from __future__ import annotations

import sys

from lipbuild.diagnostics.printable import printable


def warn(note: str) -> None:
    """Say on standard error what is to be known and stops nothing."""
    print(f"warning: {printable(note)}", file=sys.stderr, flush=True)
