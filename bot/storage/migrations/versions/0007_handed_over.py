"""Who answers somebody on a messaging app, where to write to them, and what was said meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

SENDERS, MESSAGES = "messaging_senders", "messaging_messages"
INDEX = "ix_messaging_senders_handed_over_until"


def upgrade() -> None:
    """Adds the columns; nobody is handed over, and where to write is known from their next message on."""
    op.add_column(SENDERS, sa.Column("address_sealed", sa.Text))
    op.add_column(SENDERS, sa.Column("handed_over_at", sa.DateTime))
    op.add_column(SENDERS, sa.Column("handed_over_until", sa.DateTime))
    op.create_index(INDEX, SENDERS, ["handed_over_until"])
    # The version before goes on meanwhile, and does not name an author.
    op.add_column(MESSAGES, sa.Column("author", sa.String(10), nullable=False, server_default="visitor"))
    op.add_column(MESSAGES, sa.Column("said_sealed", sa.Text))
    op.add_column(MESSAGES, sa.Column("read_at", sa.DateTime))


def downgrade() -> None:
    """Drops them: the assistant answers everybody, and what staff have not read or sent is gone."""
    op.execute(sa.text("DELETE FROM messaging_messages WHERE author = 'staff'"))
    for name in ("read_at", "said_sealed", "author"):
        op.drop_column(MESSAGES, name)
    op.drop_index(INDEX, SENDERS)
    for name in ("handed_over_until", "handed_over_at", "address_sealed"):
        op.drop_column(SENDERS, name)
