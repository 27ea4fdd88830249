"""What the app imports before it shows anything is what it shows first."""

import gc
import subprocess
import sys

from views.places import Place
from views.screens.register import SCREENS, screen

LATER = ("httpx", "sqlite_utils", "argparse", "views.unopened")
"""What speaks HTTP, what makes a file, what reads a command line, and what is shown where no file opens."""


def test_the_start_imports_no_screen_and_nothing_that_is_needed_later() -> None:
    ask = "import main, sys; print(*sys.modules)"
    there = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    screens = {f"views.screens.{path.partition('.')[0]}" for path in SCREENS.values()}
    assert not {*screens, *LATER} & set(there.split())


def test_every_place_has_its_screen() -> None:
    assert SCREENS.keys() == set(Place.__subclasses__())
    assert all(callable(screen(kind)) for kind in SCREENS)


def test_what_stays_from_the_start_on_is_not_searched_for_garbage() -> None:
    ask = (
        "import gc, sys, flet, main; sys.argv, before = ['main.py'], gc.get_freeze_count();"
        "flet.run = lambda *_, **__: print(before, gc.get_freeze_count(), *gc.get_threshold()); main.serve()"
    )
    there = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    before, frozen, threshold, *_ = map(int, there.split())
    assert before < frozen
    assert threshold > gc.get_threshold()[0]
