"""Which orders are of whose profession: a nurse's are all, a therapist's no medicine (HSLF-FS 2017:37)."""

from collections.abc import Collection

from care.order import Plan
from care.rights import LICENSED, Role
from care.tasks import TASKS, own_task

THERAPISTS_FORMS = frozenset({"care", "measure", "look"})
"""What those who are legitimerad but no nurse may order."""


def may_order(roles: Collection[Role], plan: Plan) -> bool:
    """Whether somebody with these roles in the unit may place, change, pause or stop an order like this."""
    if Role.NURSE in roles:
        return True
    fits = plan.requires is None or own_task(roles, plan.requires)
    return not LICENSED.isdisjoint(roles) and fits and plan.form in THERAPISTS_FORMS


def requirable(roles: Collection[Role]) -> list[str]:
    """The task types that their orders may ask a delegation for."""
    return [task for task in TASKS if own_task(roles, task)]
