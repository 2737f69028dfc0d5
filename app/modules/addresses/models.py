"""Tables of addresses: addresses, contacts, phone numbers and their corrections, notes, counters, the search."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, false, func, text
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, UTCDateTime
from app.modules.addresses.folding import LAST
from app.modules.addresses.imports.models import Import as Import
from app.modules.addresses.imports.models import ImportFailure as ImportFailure
from app.modules.addresses.imports.models import ImportPiece as ImportPiece
from app.modules.addresses.note_draft_models import NoteDraft as NoteDraft

#: Numbers are searched by range (all that begin so): bytes must decide the order, not a language's rules.
E164 = String(20).with_variant(VARCHAR(20, collation="C"), "postgresql")
#: Folded words, which are searched by range too.
FOLDED = String(40).with_variant(VARCHAR(40, collation="C"), "postgresql")
#: By what lists are sorted, read page by page from a place in the index.
SORTED = String(400).with_variant(VARCHAR(400, collation="C"), "postgresql")
#: SQLite's index of ``SearchEntry.text``: a virtual table that triggers keep in step, see the migrations.
SEARCH_INDEX = "addresses_search_index"
#: Tables and indexes that one database has and the other has not: the migrations alone make them.
Base.metadata.info.setdefault("unmodelled", set()).update((SEARCH_INDEX, "ix_addresses_search_text"))
#: The user and what the browser's form is called.
SUBMISSION_LENGTH = 60
#: Filters of lists that few addresses pass.
FEW = {"archived": "archived_at IS NOT NULL", "suppliers": "is_supplier", "employees": "is_employee"}


class Address(Base):
    """A company or a person. Texts that were not given are empty, numbers that were not given out are NULL."""

    __tablename__ = "addresses_address"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), default="company")
    """company, mr, ms or other."""
    name: Mapped[str] = mapped_column(String(200))
    contact_person: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    subdepartment: Mapped[str] = mapped_column(String(200), default="")
    address_supplement: Mapped[str] = mapped_column(String(200), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    postcode: Mapped[str] = mapped_column(String(20), default="")
    city: Mapped[str] = mapped_column(String(200), default="")
    country: Mapped[str] = mapped_column(String(2), default="DE")
    """ISO 3166-1, two letters; decides how numbers without a country code are read."""
    email: Mapped[str] = mapped_column(String(254), default="")
    website: Mapped[str] = mapped_column(String(300), default="")
    salutation: Mapped[str] = mapped_column(String(300), default="")
    """How a letter begins."""
    language: Mapped[str] = mapped_column(String(8), default="")
    vat_id: Mapped[str] = mapped_column(String(30), default="")
    customer_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    supplier_number: Mapped[str | None] = mapped_column(String(40), unique=True)
    external_id: Mapped[str | None] = mapped_column(String(80), unique=True, index=True)
    """What another system calls it; an import finds it again by this."""
    account_manager_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    inside_sales_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    is_customer: Mapped[bool] = mapped_column(default=False)
    is_supplier: Mapped[bool] = mapped_column(default=False)
    is_employee: Mapped[bool] = mapped_column(default=False)
    delivery_block: Mapped[bool] = mapped_column(default=False)
    delivery_block_reason: Mapped[str] = mapped_column(String(300), default="")
    delivery_block_date: Mapped[date | None] = mapped_column()
    notes: Mapped[str] = mapped_column(Text, default="")
    name_key: Mapped[str] = mapped_column(SORTED, default="")
    """The name folded for sorting (``addresses.folding``)."""
    city_key: Mapped[str] = mapped_column(SORTED, default="")
    customer_key: Mapped[str] = mapped_column(SORTED, default=LAST)
    """The customer number in the order of numbers: 9999 before 10000; those without one come last."""
    search_text: Mapped[str] = mapped_column(Text, default="")
    """What the search looks through, folded; without contacts and numbers, which have their own."""
    email_key: Mapped[str] = mapped_column(String(254), default="", index=True)
    vat_key: Mapped[str] = mapped_column(String(30), default="", index=True)
    """E-mail address and VAT id as they are compared with those of other addresses (``addresses.folding``)."""
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    """Raised by every change of the address or its numbers: an edit of an older one is a conflict."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)

    __table_args__ = (
        Index("ix_addresses_address_by_name", "name_key", "id"),
        Index("ix_addresses_address_by_city", "city_key", "name_key", "id"),
        Index("ix_addresses_address_by_customer", "customer_key", "id"),
        Index("ix_addresses_address_by_update", "updated_at", "id"),
        # Few among many: without an index of their own, a page of them would take reading all others.
        *(
            Index(f"ix_addresses_address_{name}", "name_key", "id", sqlite_where=text(few), postgresql_where=text(few))
            for name, few in FEW.items()
        ),
    )


class Contact(Base):
    """A person at an address. Who has left is archived: the notes keep the name."""

    __tablename__ = "addresses_contact"
    id: Mapped[int] = mapped_column(primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses_address.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    position: Mapped[str] = mapped_column(String(200), default="")
    department: Mapped[str] = mapped_column(String(200), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    sort: Mapped[int] = mapped_column(default=0)
    name_key: Mapped[str] = mapped_column(SORTED, default="")
    search_text: Mapped[str] = mapped_column(Text, default="")
    email_key: Mapped[str] = mapped_column(String(254), default="", index=True)
    archived_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)

    __table_args__ = (Index("ix_addresses_contact_by_name", "name_key", "id"),)


class PhoneNumber(Base):
    """One number of an address or of a contact. Written by the save of its owner only; ``addresses.numbers`` reads it.

    A caller is found by ``e164 = number OR stem IN (prefixes of the number)``.
    """

    __tablename__ = "addresses_number"
    id: Mapped[int] = mapped_column(primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses_address.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("addresses_contact.id", ondelete="CASCADE"), index=True)
    """NULL for the address's own."""
    raw: Mapped[str] = mapped_column(Text)
    """As typed, never changed."""
    e164: Mapped[str | None] = mapped_column(E164, index=True)
    kind: Mapped[str] = mapped_column(String(8), default="phone")
    """phone, mobile, fax or other."""
    label: Mapped[str] = mapped_column(String(100), default="")
    extension: Mapped[str | None] = mapped_column(String(20))
    switchboard: Mapped[bool] = mapped_column(default=False)
    """Marked by hand as a switchboard."""
    stem: Mapped[str | None] = mapped_column(E164, index=True)
    """How all numbers behind a switchboard begin: it without its final 0, or itself where marked by hand."""
    problem: Mapped[str | None] = mapped_column(String(20))
    """Why it cannot be read, one of ``app.core.phones.PROBLEMS``."""
    finding: Mapped[str | None] = mapped_column(String(12))
    """What needs a person's eye, one of ``findings.FINDINGS``."""
    kept: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A person has said that it may stay as it is."""
    sort: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index(
            "ix_addresses_number_finding",
            "finding",
            "kept",
            "id",
            sqlite_where=text("finding IS NOT NULL"),
            postgresql_where=text("finding IS NOT NULL"),
        ),
    )


#: The condition on numbers of the address itself. Not IS NULL: SQLite would look through all that have no contact.
OF_ADDRESS_ITSELF = func.coalesce(PhoneNumber.contact_id, 0) == 0


class RepeatedNumber(Base):
    """A number that is stored more than once where once is expected. Follows from the numbers: see ``repeated``."""

    __tablename__ = "addresses_repeated"
    e164: Mapped[str] = mapped_column(E164, primary_key=True)
    reach: Mapped[str] = mapped_column(String(8))
    """``shared`` by several active addresses, or twice at one."""
    addresses: Mapped[int] = mapped_column()
    """How many active addresses have it."""
    owners: Mapped[str] = mapped_column(String(40))
    """Differs when others have it."""
    kept: Mapped[bool] = mapped_column(default=False)
    """A person has said that these owners share it rightly."""

    __table_args__ = (Index("ix_addresses_repeated_reach", "reach", "kept", "e164"),)


class Correction(Base):
    """What took the place of a stored number, and what had been typed before: so that it can be undone."""

    __tablename__ = "addresses_correction"
    id: Mapped[int] = mapped_column(primary_key=True)
    address_id: Mapped[int] = mapped_column(ForeignKey("addresses_address.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("addresses_contact.id", ondelete="CASCADE"), index=True)
    finding: Mapped[str] = mapped_column(String(12))
    """Why it was looked at."""
    before: Mapped[str] = mapped_column(Text)
    """The row that was replaced, JSON as ``corrections`` writes it."""
    after: Mapped[str] = mapped_column(Text)
    """The rows that took its place, likewise."""
    place: Mapped[int] = mapped_column(default=0)
    """Which of the owner's numbers it was."""
    batch: Mapped[str | None] = mapped_column(String(32))
    """The same for all that were applied at once."""
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    undone_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)

    __table_args__ = (Index("ix_addresses_correction_batch", "batch", "id"),)


class Note(Base):
    """A phone note or a note, at an address, or for now at the call it came from alone."""

    __tablename__ = "addresses_note"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), default="phone")
    """phone or note."""
    address_id: Mapped[int | None] = mapped_column(ForeignKey("addresses_address.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("addresses_contact.id", ondelete="SET NULL"), index=True)
    origin: Mapped[str | None] = mapped_column(String(80), index=True)
    """Where it was begun, such as ``call:5``; several notes may have the same."""
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    """The editor (Bearbeiter)."""
    number_raw: Mapped[str] = mapped_column(Text, default="")
    number_e164: Mapped[str | None] = mapped_column(E164, index=True)
    direction: Mapped[str | None] = mapped_column(String(3))
    """in or out."""
    duration_seconds: Mapped[int | None] = mapped_column()
    duration_by_hand: Mapped[bool] = mapped_column(default=False)
    """Typed by a person: the end of the call does not overwrite it."""
    tags: Mapped[str] = mapped_column(String(300), default="")
    """Separated by commas."""
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("core_user.id", ondelete="SET NULL"), index=True)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)
    submission: Mapped[str | None] = mapped_column(String(SUBMISSION_LENGTH), unique=True)
    """What the form was called that made it: sent twice, it makes one note. NULL for notes from before."""

    __table_args__ = (Index("ix_addresses_note_crm", "address_id", "occurred_at"),)


class Counter(Base):
    """The last number given out of a series (customer, supplier). Its row is locked by whoever sets such a number."""

    __tablename__ = "addresses_counter"
    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


class SearchEntry(Base):
    """What an address is found by: a document of its words, its contacts' and their numbers (``documents``).

    Written by ``indexing`` only, in the transaction that changes the address. Its text has an index of trigrams, on
    SQLite the virtual table ``SEARCH_INDEX``.
    """

    __tablename__ = "addresses_search"
    address_id: Mapped[int] = mapped_column(
        ForeignKey("addresses_address.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(Text)


class Word(Base):
    """A word that occurs in documents; written by ``vocabulary`` only."""

    __tablename__ = "addresses_word"
    word: Mapped[str] = mapped_column(FOLDED, primary_key=True)
    written: Mapped[str] = mapped_column(String(40))
    """As somebody wrote it: *Müller* for both *mueller* and *muller*."""
    count: Mapped[int] = mapped_column()
    """In how many addresses; a word in many is no longer counted."""


class Spelling(Base):
    """A misspelt beginning of a word."""

    __tablename__ = "addresses_spelling"
    spelling: Mapped[str] = mapped_column(FOLDED, primary_key=True)
    word: Mapped[str] = mapped_column(
        ForeignKey("addresses_word.word", ondelete="CASCADE"), primary_key=True, index=True
    )
