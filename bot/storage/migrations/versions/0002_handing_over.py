"""Providers, enquiries, consents, the outbox, the audit trail and counted attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("providers", "enquiries", "consents", "deliveries", "audit", "attempts")


def upgrade() -> None:
    """Creates the tables."""
    op.create_table(
        "providers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(60), nullable=False, unique=True),
        sa.Column("legal_name", sa.String(120), nullable=False),
        sa.Column("practice", sa.String(120), nullable=False),
        sa.Column("profession", sa.String(60), nullable=False),
        sa.Column("regulator", sa.String(120), nullable=False),
        sa.Column("registration_number", sa.String(40), nullable=False),
        sa.Column("register_type", sa.String(60), nullable=False),
        sa.Column("permit_status", sa.String(20), nullable=False),
        sa.Column("permit_expires", sa.Date, nullable=False),
        sa.Column("permit_conditions", sa.Text, nullable=False),
        sa.Column("needle_authorisation", sa.Boolean, nullable=False),
        sa.Column("needle_authorisation_source", sa.String(200), nullable=False),
        sa.Column("services", sa.JSON, nullable=False),
        sa.Column("training_course", sa.String(200), nullable=False),
        sa.Column("training_date", sa.Date),
        sa.Column("training_evidence", sa.String(200), nullable=False),
        sa.Column("years_of_facial_needling", sa.Integer, nullable=False),
        sa.Column("insurance_expires", sa.Date, nullable=False),
        sa.Column("town", sa.String(80), nullable=False),
        sa.Column("languages", sa.JSON, nullable=False),
        sa.Column("contact_by", sa.JSON, nullable=False),
        sa.Column("register_link", sa.String(300), nullable=False),
        sa.Column("financial_relationship", sa.String(300), nullable=False),
        sa.Column("consented_on", sa.Date),
        sa.Column("route", sa.String(10), nullable=False),
        sa.Column("address", sa.String(300), nullable=False),
        sa.Column("webhook_secret_sealed", sa.Text),
        sa.Column("verified_on", sa.Date),
        sa.Column("verified_by", sa.String(80), nullable=False),
        sa.Column("next_check_due", sa.Date),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.Column("retired_on", sa.Date),
        sa.Column("last_given_at", sa.DateTime),
    )
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("code", sa.String(20), nullable=False, unique=True),
        sa.Column("idempotency_key", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("conversation_mark", sa.String(64), nullable=False),
        sa.Column("contact_mark", sa.String(64)),
        sa.Column("first_name_sealed", sa.Text),
        sa.Column("contact_sealed", sa.Text),
        sa.Column("contact_kind", sa.String(10)),
        sa.Column("concern", sa.String(20), nullable=False),
        sa.Column("town", sa.String(80), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("best_time", sa.String(120), nullable=False),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("providers.id")),
        sa.Column("may_pass_on", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("delivered_at", sa.DateTime),
        sa.Column("reminded_at", sa.DateTime),
        sa.Column("acknowledged_at", sa.DateTime),
    )
    op.create_index("ix_enquiries_contact_mark", "enquiries", ["contact_mark"])
    op.create_index("ix_enquiries_conversation_mark", "enquiries", ["conversation_mark"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("enquiry_id", sa.Integer, sa.ForeignKey("enquiries.id", ondelete="CASCADE"), nullable=False),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("providers.id")),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text_version", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("given_at", sa.DateTime, nullable=False),
        sa.Column("holds_until", sa.DateTime, nullable=False),
        sa.Column("withdrawn_at", sa.DateTime),
    )
    op.create_index("ix_consents_enquiry_id", "consents", ["enquiry_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("enquiry_id", sa.Integer, sa.ForeignKey("enquiries.id", ondelete="CASCADE")),
        sa.Column("provider_id", sa.Integer, sa.ForeignKey("providers.id")),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("idempotency_key", sa.String(64), nullable=False, unique=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.DateTime, nullable=False),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("leased_by", sa.String(64)),
        sa.Column("last_error", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("sent_at", sa.DateTime),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_try_at"])
    op.create_index("ix_deliveries_enquiry_id", "deliveries", ["enquiry_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_attempts_mark", "attempts", ["mark", "kind", "at"])


def downgrade() -> None:
    """Drops them, with what they hold."""
    for name in reversed(TABLES):
        op.drop_table(name)
