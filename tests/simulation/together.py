"""Several processes that live worlds beside each other: each takes the next seed when it has ended one."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from threading import Event, Lock, Thread
from types import FrameType

from tests.simulation.summary import Summary


def run(seeds: Iterator[int], processes: int, summary: Summary, seconds: float | None) -> None:
    """Until the seeds are out, the time is, or somebody breaks it off. What breaks is shortened there."""
    command = [sys.executable, "-m", "tests.simulation", "--asked"]
    living = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    turn, enough = Lock(), Event()

    def ask(process: "subprocess.Popen[str]") -> None:
        assert process.stdin
        assert process.stdout
        while True:
            with turn:
                seed = next(seeds, None)
            if seed is None or enough.is_set() or (seconds is not None and summary.seconds > seconds):
                process.stdin.close()
                return
            process.stdin.write(f"{seed}\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                return
            with turn:
                summary.add(**json.loads(answer))

    asking = [Thread(target=ask, args=(one,), daemon=True) for one in living]
    try:
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
    except KeyboardInterrupt:
        # Who is told in the midst of what lets nothing through hears it when the world has ended.
        enough.set()
        for one in living:
            one.terminate()
        raise
    finally:
        for one in living:
            one.wait()
    if any(one.returncode for one in living):
        raise RuntimeError("a process ended before its time")


def end_as_if_broken_off() -> None:
    """Being told to end is like Ctrl-C: what has been lived is told."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
