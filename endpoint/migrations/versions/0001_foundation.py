"""Facts, documents, streams, quarantine, phones, sessions, sign-ins and slot keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def text(name: str, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=null, primary_key=key)


def number(name: str, null: bool = False, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, primary_key=key, autoincrement=False)


def binary(name: str, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null, primary_key=key)


def upgrade() -> None:
    op.create_table(
        "facts",
        text("id", key=True),
        text("aggregate"),
        text("type"),
        text("author", null=True),
        text("device"),
        number("seq"),
        text("unit"),
        text("person", null=True),
        binary("hash"),
        number("received"),
        binary("envelope"),
    )
    op.create_index("facts_by_aggregate", "facts", ["aggregate"])
    op.create_index("facts_by_device", "facts", ["device", "seq"])
    op.create_table(
        "documents",
        text("aggregate", key=True),
        text("kind"),
        text("id"),
        text("unit", null=True),
        text("person", null=True),
        binary("document", null=True),
    )
    op.create_index("documents_by_unit", "documents", ["kind", "unit"])
    op.create_index("documents_by_person", "documents", ["kind", "person"])
    op.create_table("streams", text("name", key=True), text("epoch"), number("position"))
    op.create_table(
        "placed",
        text("stream", key=True),
        number("position", key=True),
        text("fact"),
        sa.UniqueConstraint("fact", "stream", name="placed_once"),
    )
    op.create_table("chain", text("device", key=True), number("seq"), text("prev", null=True))
    op.create_table(
        "quarantine",
        binary("digest", key=True),
        text("device", key=True),
        text("fact", null=True),
        text("reason"),
        text("detail"),
        number("received"),
        binary("sealed"),
    )
    op.create_table(
        "devices",
        text("id", key=True),
        text("unit"),
        text("name"),
        binary("public"),
        text("app"),
        number("enrolled"),
        number("heard", null=True),
        number("closed", null=True),
    )
    op.create_index("devices_by_unit", "devices", ["unit"])
    op.create_table(
        "enrol_codes",
        binary("digest", key=True),
        text("unit"),
        text("name"),
        number("expires"),
        text("device", null=True),
    )
    op.create_table(
        "sessions", binary("digest", key=True), text("device"), text("staff", null=True), number("expires")
    )
    op.create_table("nonces", text("device", key=True), binary("nonce", key=True), number("expires"))
    op.create_table(
        "sign_ins",
        text("id", key=True),
        text("device"),
        text("number"),
        number("expires"),
        text("staff", null=True),
        sa.Column("refused", sa.Boolean, nullable=False),
        binary("public", null=True),
        number("certified_from", null=True),
        number("certified_until", null=True),
    )
    op.create_table("slot_keys", text("device", key=True), text("staff", key=True), binary("wrapped"))
    op.create_table("console_sessions", binary("digest", key=True), text("staff"), number("expires"))


def downgrade() -> None:
    for name in (
        "console_sessions",
        "slot_keys",
        "sign_ins",
        "nonces",
        "sessions",
        "enrol_codes",
        "devices",
        "quarantine",
        "chain",
        "placed",
        "streams",
        "documents",
        "facts",
    ):
        op.drop_table(name)
