"""`calls`: the endpoint's, by schemathesis. `readers`: of bytes, where coverage leads (atheris)."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

_FOUND = Path("build") / "abuse"
"""Where an input that breaks a reader is put. It belongs in tests/abuse/corpus/<reader> with its mending."""
_OF_ENDPOINT = [
    f"endpoint.{name}"
    for name in (
        "people",
        "deviations",
        "imports",
        "fhir",
        "machines",
        "arrival",
        "console.sent",
        "console.upload",
    )
]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.abuse", description=__doc__)
    parser.add_argument("what", choices=["calls", "readers", "reader"])
    parser.add_argument("name", nargs="?", help="one reader")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--tries", type=int, default=200, help="of each call")
    asked = parser.parse_args()
    if asked.what == "calls":
        return _calls(asked.tries)
    if asked.what == "reader":
        return _fuzz(asked.name, asked.seconds)
    from tests.abuse.readers import READERS

    command = [sys.executable, "-m", "tests.abuse", "reader"]
    failed = [
        name
        for name in ([asked.name] if asked.name else READERS)
        if subprocess.run([*command, name, "--seconds", str(asked.seconds)], check=False).returncode
    ]
    print(f"failed: {', '.join(failed)}" if failed else "all readers hold")
    return 1 if failed else 0


def _calls(tries: int) -> int:
    from tests.abuse.calls import attack
    from tests.endpoint_town import town
    from tests.statements import AMINA

    with tempfile.TemporaryDirectory() as folder, town(Path(folder)) as here:
        print(dict(sorted(attack(here, here.phone(AMINA), tries).items())))
    return 0


def _fuzz(name: str, seconds: int) -> int:
    import atheris

    with atheris.instrument_imports(include=["care", "wire", *_OF_ENDPOINT]):
        from tests.abuse.readers import read, seeds
    _FOUND.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        limits = [
            f"-max_total_time={seconds}",
            "-timeout=10",
            "-rss_limit_mb=1500",
            "-max_len=8192",
            "-verbosity=0",
            "-print_final_stats=1",
        ]
        atheris.Setup(
            [sys.argv[0], *limits, f"-artifact_prefix={_FOUND}/{name}-", corpus],
            lambda data: read(name, data),
        )
        atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
