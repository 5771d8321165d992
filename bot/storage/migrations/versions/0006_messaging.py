"""Messages from messaging apps, until they are answered."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = ("messaging_senders", "messaging_messages")


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "messaging_senders",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False, unique=True),
        sa.Column("used_at", sa.DateTime, nullable=False),
        sa.Column("choices_sealed", sa.Text),
        sa.Column("stopped_at", sa.DateTime),
        sa.Column("claimed_until", sa.DateTime),
        sa.Column("claimed_by", sa.Integer),
    )
    op.create_index("ix_messaging_senders_used_at", "messaging_senders", ["used_at"])
    op.create_table(
        "messaging_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sender_id", sa.Integer, sa.ForeignKey("messaging_senders.id", ondelete="CASCADE"), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False, unique=True),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("content_sealed", sa.Text),
        sa.Column("replies_sealed", sa.Text),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("outcome", sa.String(40), nullable=False),
    )
    op.create_index("ix_messaging_messages_sender_id", "messaging_messages", ["sender_id"])
    op.create_index("ix_messaging_messages_open", "messaging_messages", ["finished_at", "sender_id"])


def downgrade() -> None:
    """Drops them, with what they hold."""
    for name in reversed(TABLES):
        op.drop_table(name)
