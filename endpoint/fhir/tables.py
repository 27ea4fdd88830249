"""The keys with which journal systems read, each in the name of one person."""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from endpoint.schema import Moment, metadata

fhir_keys = Table(
    "fhir_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("staff", String, nullable=False),
    Column("name", String, nullable=False),
    Column("made", Moment, nullable=False),
    Column("ends", Moment, nullable=False),
    Column("used", Moment),
    Column("closed", Moment),
    Index("fhir_keys_of_staff", "staff"),
)
