from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line and end the process with its exit status."""
    from lipbuild.cli.run import run

    status = run(sys.argv[1:])
    # The process ends, and gives back what it holds at once. Looking through all of it for cycles first would take a
    # sixth of the time of a check.
    gc.freeze()
    sys.exit(status)


if __name__ == "__main__":
    main()
