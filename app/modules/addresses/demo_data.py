"""The people and companies of the demo data. All numbers lie in the ranges that are reserved for fiction.

Bundesnetzagentur: 030 23125 000–999, 040 66969 000–999, 069 90009 000–999, 0221 4710 000–999, 089 99998 000–999,
0171 39200 00–99, 0176 040690 00–99. Domains end in .example (RFC 2606).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from app.modules.addresses.records import ContactInput, NumberInput


def _phone(raw: str, label: str = "") -> NumberInput:
    return NumberInput(raw, "phone", label)


def _mobile(raw: str, label: str = "") -> NumberInput:
    return NumberInput(raw, "mobile", label)


def _fax(raw: str) -> NumberInput:
    return NumberInput(raw, "fax")


def _person(name: str, position: str, *numbers: NumberInput, department: str = "", email: str = "") -> ContactInput:
    return ContactInput(name, position, department, email, numbers)


Entry = tuple[dict[str, Any], tuple[NumberInput, ...], tuple[ContactInput, ...]]


def _company(
    name: str,
    street: str,
    postcode: str,
    city: str,
    numbers: tuple[NumberInput, ...],
    *contacts: ContactInput,
    domain: str = "",
    **more: Any,
) -> Entry:
    values = {"kind": "company", "name": name, "street": street, "postcode": postcode, "city": city, **more}
    if domain:
        values = {"email": f"info@{domain}", "website": f"www.{domain}", **values}
    return values, numbers, contacts


def _someone(kind: str, name: str, street: str, postcode: str, city: str, *numbers: NumberInput, **more: Any) -> Entry:
    return (
        {"kind": kind, "name": name, "street": street, "postcode": postcode, "city": city, **more},
        numbers,
        (),
    )


#: Customers get the numbers from 10000 on in this order, suppliers theirs from 70000 on.
ENTRIES: tuple[Entry, ...] = (
    _company(
        "Rheinwerk Maschinenbau GmbH", "Wupperstraße 18", "10115", "Berlin",
        (_phone("030 23125-100", "Zentrale"), _fax("030 23125-199")),
        _person("Max Mustermann", "Einkauf", _phone("030 23125-123"), _mobile("0171 39200-23"),
                department="Beschaffung", email="m.mustermann@rheinwerk.example"),
        _person("Özlem Yıldız", "Leitung Service", _phone("030 23125-140"), email="o.yildiz@rheinwerk.example"),
        _person("Jörg Weißenfels", "Buchhaltung", _phone("030 23125-155"), department="Finanzen"),
        domain="rheinwerk.example", vat_id="DE111111125", salutation="Sehr geehrte Damen und Herren", language="de",
        account_manager="anna", inside_sales="ben",
        notes="Wartungsvertrag bis Ende nächsten Jahres. Anlieferung nur über Tor 3.",
    ),
    _company(
        "Bäckerei Sonnenschein", "Marktplatz 4", "80331", "München",
        (_phone("089 99998 010"),),
        _person("Vroni Huber", "Inhaberin", _mobile("0176 04069010"), email="vroni@sonnenschein.example"),
        domain="sonnenschein.example", account_manager="clara",
        notes="Vormittags ab 9 Uhr anrufen, vorher wird gebacken.",
    ),
    _someone(
        "ms", "Sabine Krüger", "Lindenallee 7", "50667", "Köln", _mobile("0171 3920010"),
        email="sabine.krueger@post.example", salutation="Sehr geehrte Frau Krüger", language="de",
    ),
    _company(
        "Hanseatic Logistik GmbH", "Am Sandtorkai 30", "20457", "Hamburg",
        (_phone("040 66969 20-0", "Zentrale"), _fax("040 66969 20-9")),
        _person("Hinnerk Petersen", "Disposition", _phone("040 66969 20-1"), _mobile("+49 171 3920031"),
                email="petersen@hanseatic.example"),
        _person("Wiebke Jansen", "Zoll", _phone("040 66969 20-5")),
        domain="hanseatic.example", is_supplier=True, is_customer=True, vat_id="DE222222223", account_manager="ben",
    ),
    _company(
        "Müller & Söhne Elektrotechnik KG", "Industriestraße 51", "60327", "Frankfurt am Main",
        (_phone("069 90009 10-0", "Zentrale"), _fax("069 90009 10-9")),
        _person("Klaus Müller", "Geschäftsführer", _phone("069 90009 10-1"), _mobile("0171/3920044"),
                email="klaus@mueller-soehne.example"),
        _person("Anke Müller", "Projektleitung", _phone("069 90009 10-2"), email="anke@mueller-soehne.example"),
        _person("Tobias Grün", "Lager", _phone("069 90009 10-8"), department="Lager"),
        domain="mueller-soehne.example", vat_id="DE333333321", account_manager="anna",
    ),
    _company(
        "Kölner Kaffeerösterei Dom & Bohne", "Severinstraße 112", "50678", "Köln",
        (_phone("0221 4710 300"), _fax("0221 4710 301")),
        _person("Hedwig Schmitz", "Rösterei", _phone("0221 4710 302")),
        domain="dom-und-bohne.example",
    ),
    _company(
        "Schröder Werkzeuge GmbH & Co. KG", "Gutenbergring 9", "22848", "Norderstedt",
        (_phone("(040) 66969-310"),),
        _person("Karl-Heinz Schröder", "Inhaber", _phone("(040) 66969-311")),
        domain="schroeder-werkzeuge.example", delivery_block=True,
        delivery_block_reason="Zwei Rechnungen seit 90 Tagen offen", delivery_block_date=date(2026, 9, 14),
    ),
    _company(
        "Architekturbüro Lindqvist + Partner", "Schönhauser Allee 88", "10439", "Berlin",
        (_phone("030 / 23 125 410"),),
        _person("Åsa Lindqvist", "Partnerin", _phone("030 / 23 125 411"), _mobile("0176 040690 41"),
                email="asa@lindqvist.example"),
        _person("Çetin Aydın", "Bauleitung", _mobile("0176 04069042")),
        domain="lindqvist.example",
    ),
    _someone(
        "mr", "Dr. Friedrich Ostermann", "Am Botanischen Garten 3", "80638", "München",
        _phone("+49 (0)89 99998 222"), email="ostermann@praxis.example", salutation="Sehr geehrter Herr Dr. Ostermann",
    ),
    _company(
        "Gärtnerei Blütenmeer", "Feldweg 2", "65929", "Frankfurt am Main",
        (_phone("069 90009 330"), _mobile("0171 3920 055", "Marktstand")),
        domain="bluetenmeer.example",
    ),
    _company(
        "Nordlicht Solar AG", "Hafenstraße 200", "20359", "Hamburg",
        (_phone("040 66969 12-0", "Zentrale"),),
        _person("Meike Brandt", "Vertrieb Innendienst", _phone("040 66969 12-2"), email="brandt@nordlicht.example"),
        _person("Sören Lührs", "Technik", _phone("040 66969 12-3"), _mobile("0171 39200 61")),
        _person("Inga Thomsen", "Empfang", _phone("040 66969 12-1")),
        domain="nordlicht.example", vat_id="DE444444447", inside_sales="clara",
    ),
    _company(
        "Café Zur Alten Mühle", "Mühlenweg 1", "51063", "Köln",
        (_phone("0221-4710-345"),), domain="alte-muehle.example",
    ),
    _someone(
        "ms", "Annette Wächter", "Kastanienweg 12", "14195", "Berlin",
        _phone("030 23125 720", "privat"), _mobile("0171 3920071"), email="a.waechter@post.example",
    ),
    _someone(
        "mr", "Uwe Wächter", "Kastanienweg 12", "14195", "Berlin",
        _phone("030 23125 720", "privat"), email="u.waechter@post.example",
    ),
    _company(
        "Stadtwerke Grünau", "Wasserturmplatz 1", "12526", "Berlin",
        (_phone("030 23125 50-0", "Zentrale"), _phone("030 23125 555", "Störungen")),
        _person("Petra Nußbaum", "Kundenservice", _phone("030 23125 50-1")),
        _person("Holger Krämer", "Netzplanung", _phone("030 23125 50-2"), email="kraemer@sw-gruenau.example"),
        domain="sw-gruenau.example",
    ),
    _company(
        "Buchhandlung Lesezeichen", "Zeil 44", "60313", "Frankfurt am Main",
        (_phone("069 90009 410"),), _person("Ursula Bücher", "Inhaberin", _phone("069 90009 411")),
        domain="lesezeichen.example",
    ),
    _company(
        "Autohaus Königsforst GmbH", "Rösrather Straße 600", "51107", "Köln",
        (_phone("0221 4710 60-0", "Zentrale"), _fax("0221 4710 60-9")),
        _person("Marcel Jäger", "Verkauf", _phone("0221 4710 60-1"), _mobile("0176 040690-16")),
        _person("Daniela Fröhlich", "Werkstatt", _phone("0221 4710 60-2")),
        domain="koenigsforst.example", vat_id="DE555555554",
    ),
    _company(
        "Tischlerei Eichenlaub", "Holzmarktstraße 25", "10243", "Berlin",
        (_phone("030 23125 610 oder 611", "Büro"), _mobile("0171 3920082", "Werkstatt")),
        domain="eichenlaub.example", notes="Die Nummer stammt aus dem alten System und muss noch geklärt werden.",
    ),
    _company(
        "Alpenblick Reisen", "Sendlinger Straße 19", "80331", "München",
        (_phone("089-99998-300"),), _person("Florian Obermaier", "Gruppenreisen", _phone("089-99998-310")),
        domain="alpenblick.example",
    ),
    _someone(
        "ms", "Gül Demir", "Venloer Straße 301", "50823", "Köln", _mobile("0176 04069033"), email="guel@post.example",
    ),
    _company(
        "Weingut Sankt Jakobus", "Kellerweg 8", "65366", "Geisenheim",
        (_phone("069 90009 500", "Büro Frankfurt"), _fax("069 90009 501")),
        _person("Theresia Kühn", "Kellermeisterin", _mobile("0171 39200 91")),
        domain="sankt-jakobus.example", is_supplier=True, is_customer=False,
    ),
    _company(
        "Papierfabrik Weißenburg AG", "Mühlbachstraße 70", "81379", "München",
        (_phone("089 99998 14-0", "Zentrale"), _fax("089 99998 14-9")),
        _person("Gerhard Lösch", "Vertrieb", _phone("089 99998 14-2"), email="loesch@weissenburg.example"),
        domain="weissenburg.example", is_supplier=True, is_customer=False, vat_id="DE666666662",
    ),
    _company(
        "Verpackungen Heß", "Ruhrstraße 11", "22761", "Hamburg",
        (_phone("040 66969 440"),), domain="verpackungen-hess.example", is_supplier=True, is_customer=False,
    ),
    _company(
        "Softwareschmiede Bit & Böe", "Große Elbstraße 68", "22767", "Hamburg",
        (_phone("+49 40 66969 450"),),
        _person("Lasse Brömmel", "Entwicklung", _mobile("0176 04069055"), email="lasse@bit-und-boee.example"),
        _person("Noura Haddad", "Betreuung", _phone("+49 40 66969 452")),
        domain="bit-und-boee.example", is_supplier=True, is_customer=True,
    ),
    _company(
        "Zahnarztpraxis Dr. Süß", "Kaiserstraße 10", "60311", "Frankfurt am Main",
        (_phone("069 90009 620"),), domain="praxis-suess.example",
    ),
    _company(
        "Fahrradladen Speiche", "Brüsseler Platz 5", "50674", "Köln",
        (_phone("0221 4710 710"), _mobile("0171 3920012")), _person("Björn Sattler", "Inhaber"),
        domain="speiche.example",
    ),
    _company(
        "Kanzlei Vogelsang Rechtsanwälte", "Kurfürstendamm 190", "10707", "Berlin",
        (_phone("030 23125-800", "Sekretariat"), _fax("030 23125-899")),
        _person("Dr. Marlene Vogelsang", "Rechtsanwältin", _phone("030 23125-810")),
        _person("Cem Öztürk", "Rechtsanwalt", _phone("030 23125-820")),
        domain="vogelsang.example", salutation="Sehr geehrte Frau Dr. Vogelsang", vat_id="DE777777770",
    ),
    _someone("mr", "Jürgen Pätzold", "Elbchaussee 99", "22763", "Hamburg", _phone("040 66969 555"),
             _mobile("0171 3920013")),
    _company(
        "Metzgerei Hölzl", "Viktualienmarkt 6", "80331", "München", (_phone("089 99998 345"),),
        _person("Xaver Hölzl", "Meister", _mobile("0176 04069066")),
        delivery_block=True, delivery_block_reason="Adresse wird geprüft", delivery_block_date=date(2026, 11, 2),
    ),
    _company(
        "Kita Rasselbande e. V.", "Sonnenallee 140", "12059", "Berlin", (_phone("030 23125 930"),),
        _person("Steffi Ahrens", "Leitung", _phone("030 23125 931")), domain="rasselbande.example",
    ),
    _company(
        "Hotel Mainblick", "Schaumainkai 17", "60594", "Frankfurt am Main",
        (_phone("069 90009-700", "Rezeption"),),
        _person("Beatrix Schönfeld", "Direktion", _phone("069 90009-701")),
        _person("Émile Laurent", "Küche", _phone("069 90009-733")),
        domain="mainblick.example", language="de",
    ),
    _company(
        "Druckerei Farbenfroh", "Subbelrather Straße 15", "50823", "Köln",
        (_phone("0221 4710-800"), _fax("0221 4710-801")),
        domain="farbenfroh.example", is_supplier=True, is_customer=True,
    ),
    _someone("ms", "Hannelore Bäumler", "Rosenstraße 2", "80336", "München", _phone("089 99998 456")),
    _company(
        "Bauunternehmung Kröger", "Am Deich 40", "21129", "Hamburg",
        (_phone("040 66969 600"),), _person("Dirk Kröger", "Polier", _mobile("0171 3920014")),
        domain="kroeger-bau.example",
    ),
    _company(
        "Theater am Fluss", "Deutzer Freiheit 33", "50679", "Köln", (_phone("0221 4710 900", "Kasse"),),
        _person("Leonie Strauß", "Dramaturgie", _phone("0221 4710 910")), domain="theater-am-fluss.example",
    ),
    _someone(
        "other", "Hausverwaltung Familie Brückner", "Torstraße 77", "10119", "Berlin",
        _phone("030 23125 860"), email="brueckner@post.example",
    ),
    _someone(
        "ms", "Clara Vogel", "Weserstraße 5", "12047", "Berlin", _mobile("0171 3920015"),
        email="clara@muster.example", is_employee=True, is_customer=False,
    ),
    _someone(
        "mr", "Ben Yilmaz", "Reuterstraße 61", "12053", "Berlin", _mobile("0171 3920016"),
        email="ben@muster.example", is_employee=True, is_customer=False,
    ),
    _company(
        "Eisenwaren Dörr (geschlossen)", "Hauptstraße 3", "50996", "Köln", (_phone("0221 4710 990"),),
        _person("Alfons Dörr", "Inhaber"), archived=True,
    ),
    _company(
        "Videothek Filmriss", "Oranienstraße 20", "10999", "Berlin", (_phone("030 23125 990"),), archived=True,
    ),
    _someone("mr", "Günther Altmann", "Ahornweg 4", "60598", "Frankfurt am Main", _phone("069 90009 880"),
             archived=True),
)  # fmt: skip
