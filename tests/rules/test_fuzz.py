"""A thousand of the inputs of `tests/benchmarks/fuzz_check.py`, which makes as many as one likes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "benchmarks" / "fuzz_check.py"


def test_a_thousand_inputs_give_no_traceback_never_hang_and_stay_below_200_megabytes() -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "1000", "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "1000 inputs in" in done.stdout
