"""Conversations as Rasa sees them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False, unique=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=False),
        sa.Column("content_sealed", sa.Text, nullable=False),
    )
    op.create_index("ix_conversations_used_at", "conversations", ["used_at"])


def downgrade() -> None:
    """Drops it, with what it holds."""
    op.drop_table("conversations")
