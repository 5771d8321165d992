"""Which replica is answering a message of the widget, so that another can go on when it has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INDEX = "ix_widget_messages_claimed_by"


def upgrade() -> None:
    """Adds the column; only messages under way have a value in it."""
    op.add_column("widget_messages", sa.Column("claimed_by", sa.Integer))
    op.create_index(INDEX, "widget_messages", ["claimed_by"])


def downgrade() -> None:
    """Drops it: such messages wait for the end of their lease then."""
    op.drop_index(INDEX, "widget_messages")
    op.drop_column("widget_messages", "claimed_by")
