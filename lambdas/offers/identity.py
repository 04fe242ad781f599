"""Which user a client is, over time.

A client (a browser, a device) is anonymous until an event names its user. From the first such event on, what it did
before is that user's. When it names another user, the two are kept apart: what happens from then on is the other's.
"""

from typing import NamedTuple

from offers.customer import NOBODY, Customer

# A computer in a library names more, but an event that is late by so many changes is nobody's guess to make.
MAX_USERS = 10


class Since(NamedTuple):
    """From when on a client was which user, epoch ms."""

    at: int
    user_id: str


class Client(NamedTuple):
    """users: in order of time, no user twice in a row. anonymous: what is known as long as there is no user."""

    users: tuple[Since, ...] = ()
    anonymous: Customer = NOBODY

    def user_at(self, moment: int) -> str | None:
        """Whose an event of this client is that occurred then; before the first user it is the first's."""
        if not self.users:
            return None
        found = self.users[0]
        for since in self.users:
            if since.at <= moment:
                found = since
        return found.user_id

    def named(self, moment: int, user_id: str) -> "Client":
        """The client after an event that names its user; itself where that is no news."""
        if self.user_at(moment) == user_id:
            return self
        users: list[Since] = []
        for since in sorted((*self.users, Since(moment, user_id))):
            if not users or users[-1].user_id != since.user_id:
                users.append(since)
        return Client(tuple(users[-MAX_USERS:]))
