"""Questions that the assistant could not answer."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "open_questions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("text", sa.String(1000), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("noted_at", sa.DateTime, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    """Drops it, with what it holds."""
    op.drop_table("open_questions")
