"""Run worlds by their seeds. One that breaks is shortened, printed, and run again with what it took.

The last line is JSON, also when it is broken off. 1 when it was, or any has broken.
"""

import os
import sys

if os.environ.get("PYTHONHASHSEED") != "0":
    # The order of a set of words is part of what a seed decides.
    os.execve(
        sys.executable,
        [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
        os.environ | {"PYTHONHASHSEED": "0"},
    )

from tests.simulation import virtual

virtual.install()

from tests.simulation.command import main  # noqa: E402

sys.exit(main())
