"""`python -m lipbuild.certify.verify MODEL CERTIFICATE [DATA]`: the same check without the rest of lipbuild."""

from __future__ import annotations

import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lipbuild.certify.verify.errors import UnreadableError
from lipbuild.certify.verify.strict_json import strict_json
from lipbuild.certify.verify.verify import verify


def main(arguments: list[str]) -> int:
    """0 where the certificate holds, 1 where it does not, 2 where it could not be checked, 3 on conditions."""
    if not 2 <= len(arguments) <= 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        certificate = strict_json(Path(arguments[1]).read_text(encoding="utf-8"))
        data = dict(np.load(arguments[2], allow_pickle=False)) if len(arguments) == 3 else {}
        x = data["x"].astype(np.float32) if "x" in data else None
        verdict = verify(Path(arguments[0]), certificate, inputs=x, labels=data.get("y"))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, zlib.error, UnreadableError) as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join([*verdict.lines(), verdict.summary()]))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
