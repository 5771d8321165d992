"""Answers to messages that other systems send with an id."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TABLE = "kept_answers"


def upgrade() -> None:
    """Creates the table."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False, unique=True),
        sa.Column("conversation_mark", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("claimed_until", sa.DateTime, nullable=False),
        sa.Column("answer_sealed", sa.Text),
    )
    op.create_index("ix_kept_answers_conversation_mark", TABLE, ["conversation_mark"])
    op.create_index("ix_kept_answers_at", TABLE, ["at"])


def downgrade() -> None:
    """Drops it: a message that comes again is then answered anew."""
    op.drop_table(TABLE)
