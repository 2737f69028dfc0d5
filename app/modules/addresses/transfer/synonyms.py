"""Headings by which a column is known: ours in German and English, Xentral's, Outlook's, and what people write.

Compared without case, signs and blanks, umlauts spelt out: ``USt-IdNr.`` is ``ustidnr``.
"""

from __future__ import annotations

from app.modules.addresses.transfer.targets import ARCHIVED, FIRST_NAME, HOUSE_NUMBER, LAST_NAME, OWN_ID, POSTCODE_CITY

_ADDRESS = {
    "kind": "typ type art adresstyp adressart kundentyp kind",
    "name": "name name1 firma firma1 firmenname company companyname unternehmen organisation organization "
    "organisationname kundenname lieferantenname account accountname adressname bezeichnung1",
    FIRST_NAME: "vorname firstname givenname",
    LAST_NAME: "nachname lastname surname familyname familienname zuname",
    "contact_person": "ansprechpartner ansprechpartnerin ansprechperson contactperson kontaktperson zuhaenden zhd",
    "department": "abteilung department dept",
    "subdepartment": "unterabteilung subdepartment",
    "address_supplement": "adresszusatz adresszusatz1 zusatz zusatz1 addresssupplement addressline2 address2 "
    "name2 firma2",
    "street": "strasse str street strassenr strassehausnr strasseundhausnr strassehausnummer strasseundhausnummer "
    "anschrift adresse address addressline1 address1 streetaddress strassegeschaeftlich businessstreet",
    HOUSE_NUMBER: "hausnummer hausnr housenumber houseno",
    "postcode": "plz postleitzahl postcode zip zipcode postalcode zippostalcode postleitzahlgeschaeftlich "
    "businesspostalcode",
    "city": "ort stadt city town wohnort ortgeschaeftlich businesscity",
    POSTCODE_CITY: "plzort plzundort plzstadt postleitzahlort postcodeandtown postcodetown zipcity",
    "country": "land laendercode laenderkuerzel laenderkennzeichen country countrycode countryregion landregion staat "
    "nation iso landregiongeschaeftlich businesscountryregion",
    "email": "email mail emailadresse emailaddress emailaddress1 email1 mailadresse",
    "website": "internetseite internet internetadresse web webseite webseiten website websites homepage url "
    "www webpage",
    "salutation": "anschreiben briefanrede lettersalutation anschreibenanrede",
    "language": "sprache language",
    "vat_id": "ustid ustidnr ustidnummer ustidentnr umsatzsteuerid umsatzsteueridnr umsatzsteueridentifikationsnummer "
    "vat vatid vatno vatnumber uid uidnr uidnummer",
    "customer_number": "kundennummer kundennr kundenno kundenid kdnr kdnummer customernumber customerno customernr "
    "customerid debitor debitornr debitorennr debitorennummer debitorenkonto",
    "supplier_number": "lieferantennummer lieferantennr lieferantenid liefnr suppliernumber supplierno supplierid "
    "vendornumber vendorno kreditor kreditornr kreditorennr kreditorennummer kreditorenkonto",
    "external_id": "externalid externeid eigeneid ownid fremdid fremdschluessel id adressid adressnummer adressnr "
    "recordid uuid guid importid schluessel key",
    OWN_ID: "durchwahlid",
    "is_customer": "kunde istkunde customer iscustomer",
    "is_supplier": "lieferant istlieferant supplier issupplier vendor",
    "is_employee": "mitarbeiter istmitarbeiter employee isemployee",
    "account_manager_id": "vertrieb vertriebsmitarbeiter verkaeufer accountmanager salesrep betreuer",
    "inside_sales_id": "innendienst insidesales sachbearbeiter",
    "delivery_block": "liefersperre deliveryblock gesperrt blocked",
    "delivery_block_reason": "liefersperregrund liefersperrgrund deliveryblockreason grundderliefersperre",
    "delivery_block_date": "liefersperredatum liefersperrdatum liefersperreseit deliveryblockdate deliveryblocksince "
    "gesperrtseit blockedsince",
    "notes": "sonstiges notes note notiz notizen bemerkung bemerkungen kommentar kommentare remark remarks comment "
    "comments miscellaneous info infos beschreibung description",
    ARCHIVED: "archiviert archived",
}
_CONTACT = {
    "kind": "anrede salutation typ",
    "name": "name fullname vollername",
    FIRST_NAME: _ADDRESS[FIRST_NAME],
    LAST_NAME: _ADDRESS[LAST_NAME],
    "position": "position funktion bereich bereichposition jobtitle title rolle titel taetigkeit beruf",
    "department": _ADDRESS["department"],
    "email": _ADDRESS["email"],
}


def _turned(words: dict[str, str]) -> dict[str, str]:
    return {synonym: target for target, synonyms in words.items() for synonym in synonyms.split()}


ADDRESS = _turned(_ADDRESS)
CONTACT = _turned(_CONTACT)
#: Say how a person is addressed: of the address where it is a person, of the contact beside a company.
PERSONAL_KINDS = frozenset(("anrede", "salutation"))
#: Mean a company even beside a column for persons' names.
COMPANIES = frozenset("firma firma1 firmenname company companyname unternehmen organisation organization name1".split())  # noqa: SIM905 (a line a thing)
#: What a heading begins with that speaks of a contact.
CONTACT_WORDS = ("ansprechpartnerin", "ansprechpartner", "ansprechperson", "kontaktperson", "contactperson", "kontakt",
                 "contact", "person", "ap")  # fmt: skip
#: Columns that we put behind those of a file when we give back what could not be imported.
OURS = frozenset("importzeile importwert importgrund importline importvalue importreason".split())  # noqa: SIM905 (likewise)

#: Beginnings of words → kind of number; the first that fits decides, so that *Mobiltelefon* is no landline.
NUMBER_WORDS = (
    ("fax", ("telefax", "fax")),
    ("mobile", ("mobil", "handy", "cell", "natel")),
    ("phone", ("telefon", "telephone", "phone", "tel", "fon", "festnetz", "rufnummer", "zentrale", "durchwahl")),
)
#: The kind *other* as our own files name it.
OTHER_NUMBERS = frozenset(("sonstigenummer", "othernumber"))
#: Words of a number's heading that say nothing of which number it is.
EMPTY_WORDS = frozenset("nr nummer no num number der die das des und the of".split())  # noqa: SIM905 (likewise)
LABEL_WORDS = frozenset(("bezeichnung", "label"))
SWITCHBOARD_WORDS = (frozenset(("ist", "zentrale")), frozenset(("is", "switchboard")))
