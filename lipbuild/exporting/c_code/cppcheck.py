"""What cppcheck finds in a program."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

import numpy as np

from lipbuild.errors import RefusedError
from lipbuild.exporting.c_code.compilers import first_error, run_command

COMMAND = "cppcheck"
_OPTIONS = ("--std=c99", "--enable=warning,style,performance,portability", "--error-exitcode=1", "--quiet")
# It reads no headers of the library: without these the code ends at an `#error`, and nothing is looked at.
_LIMITS = {
    f"{prefix}_{name}": value
    for prefix, limits in {"FLT": np.finfo(np.float32), "DBL": np.finfo(np.float64)}.items()
    for name, value in {
        "MANT_DIG": limits.nmant + 1,
        "MAX_EXP": limits.maxexp,
        "MIN_EXP": limits.minexp + 1,
    }.items()
}
_DEFINED = {"FLT_EVAL_METHOD": 0, "FLT_RADIX": 2, **_LIMITS}
_LONG = re.compile(r"= \{([^{},]*),[^{}]*\};")


def check_statically(source: Path) -> bool:
    """Let a program through in which cppcheck finds nothing; of each constant array it is given the first number.

    Args:
        source: The C file; its header lies beside it.

    Returns:
        Whether it is installed.

    Raises:
        RefusedError: It finds something.
    """
    if shutil.which(COMMAND) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        # Millions of numbers take it minutes, and the gate has read them back already.
        text = _LONG.sub(r"= {\1};", source.read_text(encoding="utf-8"))
        short = Path(folder) / source.name
        short.write_text(text, encoding="utf-8")
        shutil.copy(source.with_suffix(".h"), folder)
        defined = [f"-D{name}={value}" for name, value in _DEFINED.items()]
        done = run_command([COMMAND, *_OPTIONS, *defined, str(short)])
    if done.returncode != 0:
        said = first_error(done).removeprefix(f"{folder}/")
        raise RefusedError(f"{COMMAND} finds in the code: {said}: nothing was exported")
    return True
