"""`python -m lipbuild.verifier MODEL CERTIFICATE [DATA] [--format json]`: the same check without the rest."""

from __future__ import annotations

import json
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lipbuild.verifier.errors import UnreadableError
from lipbuild.verifier.strict_json import strict_json
from lipbuild.verifier.verify import verify


def main(arguments: list[str]) -> int:
    """The verdict's status (`Verdict.status`), and 2 where the certificate could not be checked."""
    files, form = list(arguments), "text"
    if "--format" in files:
        at = files.index("--format")
        form = " ".join(files[at + 1 : at + 2])
        del files[at : at + 2]
    if not 2 <= len(files) <= 3 or form not in ("text", "json"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        certificate = strict_json(Path(files[1]).read_text(encoding="utf-8"))
        data = dict(np.load(files[2], allow_pickle=False)) if len(files) == 3 else {}
        with np.errstate(all="ignore"):
            x = data["x"].astype(np.float32) if "x" in data else None
        verdict = verify(Path(files[0]), certificate, inputs=x, labels=data.get("y"))
    except (
        OSError, ValueError, TypeError, EOFError, RecursionError, zipfile.BadZipFile, zlib.error, UnreadableError
    ) as error:  # fmt: skip
        print(error, file=sys.stderr)
        return 2
    if form == "json":
        print(json.dumps(verdict.as_json(), indent=2))
    else:
        print("\n".join([*verdict.lines(), verdict.conclusion]))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
