"""${message}.

Why it is needed.
"""
<%
    def plain(body):
        """What Alembic generated, without its remarks."""
        return "\n".join(line for line in body.splitlines() if "###" not in line).strip()
%>
from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${plain(upgrades) or "pass"}


def downgrade() -> None:
    ${plain(downgrades) or "pass"}
