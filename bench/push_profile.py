"""Where the endpoint's time goes when it takes facts in: each part's share of the processor's time."""

import asyncio
import cProfile
import pstats
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.ground import endpoint, phones
from endpoint import keys
from endpoint.arrival import Sent
from endpoint.database import Database
from endpoint.push import push
from endpoint.schema import devices
from endpoint.sessions import Caller
from endpoint.settings import Settings
from wire.seal import Sealed

_BATCH = 1000
_PARTS = {
    "open the seals": ("seal.py", "open"),
    "read and check the facts": ("arrival.py", "_check"),
    "verify the signatures": ("verifying.py", "_verified"),
    "may they say it": ("arrival.py", "_allowed"),
    "insert": ("record.py", "_insert"),
    "begin or lock the aggregates": ("aggregates.py", "begin"),
    "fold and publish": ("record.py", "_refold"),
    "the log of who did what": ("writes.py", "log"),
    "the phones' chains": ("chains.py", "recorded"),
    "commit": ("default.py", "do_commit"),
}
"""What is shown, and the function that does it."""


def profiled(folder: Path, facts: int) -> dict[str, float]:
    """Print the shares; one process, SQLite. Microseconds of processor a fact, without the profile."""
    items, device = asyncio.run(_sealed(folder, 2 * facts))
    settings = Settings(data=folder / "endpoint")
    database = Database(settings.database)
    held = keys.load(settings.key_file, database)
    row = database.read_now(lambda c: c.execute(devices.select().where(devices.c.id == device)).one())
    caller = Caller(device=device, staff=None, unit=row.unit, public=row.public)

    def take(some: list[Sealed]) -> None:
        for at in range(0, len(some), _BATCH):
            push(database, held, [Sent(caller, some[at : at + _BATCH])], datetime.now(UTC))

    began = time.process_time()
    take(items[:facts])
    each = (time.process_time() - began) / facts * 1e6
    profile = cProfile.Profile(time.process_time)
    profile.runcall(take, items[facts:])
    database.close()
    _print(pstats.Stats(profile), each)
    return {"push_cpu_us": each}


async def _sealed(folder: Path, many: int) -> tuple[list[Sealed], str]:
    with endpoint(folder / "endpoint") as server:
        [phone] = await phones(folder, server, 1)
        phone.save(many)
        items = phone.store.waiting(limit=many)
        assert phone.store.device
        device = phone.store.device.id
        await phone.close()
    return items, device


def _print(stats: pstats.Stats, each: float) -> None:
    print(f"\nThe endpoint, one process: {each:.0f} µs of processor a fact; shares under a profile:")
    whole = stats.total_tt  # type: ignore[attr-defined]
    for shown, (file, function) in _PARTS.items():
        spent = sum(
            of[3]
            for (path, _, name), of in stats.stats.items()  # type: ignore[attr-defined]
            if name == function and Path(path).name == file
        )
        print(f"  {shown:28} {spent / whole:6.1%}")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory(prefix="rapp-bench-") as made:
        profiled(Path(made), 2000)
