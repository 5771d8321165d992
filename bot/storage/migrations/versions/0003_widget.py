"""Conversations of the website's widget."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = ("widget_conversations", "widget_messages")


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "widget_conversations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False, unique=True),
        sa.Column("used_at", sa.DateTime, nullable=False),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("seen_seq", sa.Integer, nullable=False),
        sa.Column("ended_at", sa.DateTime),
    )
    op.create_index("ix_widget_conversations_used_at", "widget_conversations", ["used_at"])
    op.create_table(
        "widget_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "conversation_id", sa.Integer, sa.ForeignKey("widget_conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("message_id", sa.String(64)),
        sa.Column("reply_to", sa.String(64)),
        sa.Column("content_sealed", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("answered_at", sa.DateTime),
        sa.Column("claimed_until", sa.DateTime),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_widget_messages_seq"),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_widget_messages_message_id"),
    )


def downgrade() -> None:
    """Drops them, with what they hold."""
    for name in reversed(TABLES):
        op.drop_table(name)
