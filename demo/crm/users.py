"""The people who work in the demo CRM; the launch token names them."""

from dataclasses import dataclass
from typing import Literal

Permission = Literal["read", "edit", "admin"]
RANK: dict[Permission, int] = {"read": 0, "edit": 1, "admin": 2}


@dataclass(frozen=True)
class User:
    """A colleague, with what he or she may do."""

    id: str
    name: str
    role: str
    permission: Permission

    def may(self, permission: Permission) -> bool:
        """Return whether this user has the permission, or a higher one."""
        return RANK[self.permission] >= RANK[permission]


USERS = (
    User("u-devries", "A. de Vries", "beheerder", "admin"),
    User("u-jansen", "M. Jansen", "accountmanager", "edit"),
    User("u-bakker", "S. Bakker", "alleen lezen", "read"),
)
BY_ID = {user.id: user for user in USERS}
