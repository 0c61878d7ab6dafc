"""Where notifications stand, as tests ask for it."""

from tests.factories import a_registration


async def statuses(parts, *notifications):
    found = [await parts.stores.notifications.of(each.application_id) for each in notifications]
    return [each for [each] in found]


async def states(parts, *notifications):
    return {each.state for each in await statuses(parts, *notifications)}


async def all_in(state, parts, *notifications):
    return await states(parts, *notifications) == {state}


def with_contacts(notifications):
    return [*notifications, *(a_registration(each) for each in notifications)]
