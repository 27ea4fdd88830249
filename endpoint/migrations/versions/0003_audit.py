"""The log: rows, ends of chains, signed heads, and what keeps the database from changing them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def text(name: str, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String, nullable=False, primary_key=key)


def number(name: str, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, primary_key=key, autoincrement=False)


def binary(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=False)


def upgrade() -> None:
    op.create_table(
        "audit",
        text("unit", key=True),
        text("day", key=True),
        number("number", key=True),
        number("recorded"),
        number("at"),
        *(
            text(name)
            for name in ("staff", "device", "person", "act", "what", "role", "law", "reason", "ref")
        ),
        binary("prev"),
        binary("hash"),
    )
    op.create_index("audit_by_person", "audit", ["person", "recorded"])
    op.create_index("audit_by_staff", "audit", ["staff", "recorded"])
    op.create_table(
        "audit_chains",
        text("day", key=True),
        text("unit", key=True),
        number("number"),
        binary("hash"),
        sa.Column("closed", sa.Boolean, nullable=False),
    )
    op.create_table(
        "audit_heads",
        text("unit", key=True),
        number("number", key=True),
        text("day"),
        binary("signed"),
        binary("signature"),
    )
    op.create_index("audit_heads_by_day", "audit_heads", ["unit", "day"], unique=True)
    for statement in _POSTGRES if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    # Their triggers go with them.
    for name in ("audit_heads", "audit_chains", "audit"):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_added")
        op.execute("DROP FUNCTION audit_kept")


_GONE_BY_AGE = """EXISTS (SELECT 1 FROM audit_heads AS h WHERE h.unit = OLD.unit AND h.day = OLD.day)"""
"""Only what a signed head remains of may go, and only when five years have passed."""

_BACKWARDS = "OLD.closed OR NEW.number < OLD.number OR NEW.unit <> OLD.unit OR NEW.day <> OLD.day"


def _sqlite(name: str, table: str, when: str, condition: str = "1") -> str:
    return f"""
    CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {condition}
    BEGIN SELECT RAISE(ABORT, '{table}: rows are only added'); END
    """


_SQLITE = (
    _sqlite("audit_stays", "audit", "UPDATE"),
    _sqlite(
        "audit_is_kept", "audit", "DELETE", f"NOT (OLD.day < date('now', '-5 years') AND {_GONE_BY_AGE})"
    ),
    _sqlite("audit_chains_stay", "audit_chains", "UPDATE", _BACKWARDS),
    _sqlite(
        "audit_chains_are_kept",
        "audit_chains",
        "DELETE",
        f"NOT (OLD.day < date('now', '-5 years') AND {_GONE_BY_AGE})",
    ),
    _sqlite("audit_heads_stay", "audit_heads", "UPDATE"),
    _sqlite("audit_heads_are_kept", "audit_heads", "DELETE"),
)


def _postgres(table: str, when: str, condition: str = "", each: str = "ROW") -> str:
    guarded = f"WHEN ({condition})" if condition else ""
    name = f"{table}_{when.lower()}"
    return f"""
    CREATE TRIGGER {name} BEFORE {when} ON {table} FOR EACH {each} {guarded}
    EXECUTE FUNCTION audit_only_added()
    """


_FUNCTIONS = (
    """
    CREATE FUNCTION audit_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '%: rows are only added', TG_TABLE_NAME; END $$
    """,
    f"""
    CREATE FUNCTION audit_kept() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF OLD.day < to_char(now() - interval '5 years', 'YYYY-MM-DD') AND {_GONE_BY_AGE} THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION '%: rows are only added', TG_TABLE_NAME;
    END $$
    """,
)
_POSTGRES = (
    *_FUNCTIONS,
    _postgres("audit", "UPDATE"),
    _postgres("audit_chains", "UPDATE", _BACKWARDS),
    _postgres("audit_heads", "UPDATE"),
    _postgres("audit_heads", "DELETE"),
    *(_postgres(table, "TRUNCATE", each="STATEMENT") for table in ("audit", "audit_chains", "audit_heads")),
    *(
        f"CREATE TRIGGER {table}_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION audit_kept()"
        for table in ("audit", "audit_chains")
    ),
)
