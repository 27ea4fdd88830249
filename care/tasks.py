"""Task types that can be delegated, and who may delegate which.

A delegation never reaches beyond the issuer's own profession, and what somebody holds by delegation they
cannot pass on (SOSFS 1997:14, PSL 6:3): only a profession gives the right to delegate, never a delegation.
"""

from collections.abc import Collection

from care.rights import OWN_TASKS, Role

TASKS = (
    "medicine_pouch",
    "medicine_as_needed",
    "insulin",
    "eye_drops",
    "inhalation",
    "ointment",
    "blood_sugar",
    "wound_care",
    "catheter",
    "tube_feeding",
    "training",
)
"""By how often they are asked for; the texts call them ``task.<type>``. A municipality's own may come in by
import: they are kept as they are written."""


def own_task(roles: Collection[Role], task: str) -> bool:
    """Whether a task is of the profession of one of the roles: no delegation is needed (PSL 4 kap.)."""
    return Role.NURSE in roles or any(task in OWN_TASKS.get(role, ()) for role in roles)


def may_delegate(roles: Collection[Role]) -> frozenset[str]:
    """The task types that somebody with these roles may delegate: a nurse all, a therapist training."""
    if Role.NURSE in roles:
        return frozenset(TASKS)
    return frozenset(task for role in roles for task in OWN_TASKS.get(role, ()))


def beyond(tasks: Collection[str], roles: Collection[Role]) -> frozenset[str]:
    """Those of some tasks that somebody with these roles may not delegate. A nurse's are all, also types
    that are not listed here."""
    return frozenset(task for task in tasks if not own_task(roles, task))
