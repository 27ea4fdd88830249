"""python -m storage FILE: how many sealed facts can be found in a phone's file that was set aside."""

import sys
from pathlib import Path

from storage.salvage import mine

if __name__ == "__main__":
    sys.stdout.write(f"{len(mine(Path(sys.argv[1])))} sealed facts\n")
