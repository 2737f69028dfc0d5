"""The words that people write around a number, and what each of them says about it. All in lower case."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(" ".join(phrase.split()) for phrase in text.split(","))


#: The Durchwahl or extension follows: German, Austrian, Swiss, and as the rest of Europe abbreviates it.
EXTENSION_WORDS = _words(
    """
    dw durchwahl durchw nst nebenst nebenstelle app apparat hausapparat hausapp kl klappe int intern
    ext extn extension x interne interno interna poste toestel tst
    extensión ramal anknytning ankn lokal lokalnr klapka linka wew wewn wewnętrzny mellék доб
    """
)
#: The number is a company's main number.
SWITCHBOARD_WORDS = _words(
    """
    zentrale zentr telefonzentrale zentralnummer vermittlung sammelnummer sammelnr sammelanschluss sammelrufnummer
    hauptnummer hauptanschluss switchboard centralino centrale centralita centrala ústředna
    """
)
#: Another number follows.
SEPARATING_WORDS = _words("oder od o or und u and sowie bzw beziehungsweise bis ou et e y alternativ ersatzweise")
#: Words that announce a number, so that a short '-57' after them is a Durchwahl and not a remark.
LABEL_WORDS = _words(
    """
    tel telefon telefonnummer telefonnr telnr telephone téléphone tél teléfono tfno tlf fon phone ph ruf rufnr
    fax telefax mobil mobile mob mobiltel mobiltelefon mobilfunk handy handynr cell cellulare gsm natel kom
    büro buero office bureau privat private priv geschäftlich gesch geschäft dienstlich dienstl zuhause home work
    direkt direct t m f p h w g n
    """
)
#: A telefax follows: '(Fax 57)' beside '4710-0' names a Durchwahl even without a dash.
FAX_WORDS = _words("fax telefax telefaxnr faxnr")
#: Words that may stand between a word of the lists above and its digits.
NUMBER_WORDS = _words("nr nummer rufnummer no num number")

#: What follows is another kind of number: a customer's, a post code, a post-office box, an account.
ID_WORDS = _words(
    """
    kd kdnr kundennr kundennummer kunde kunden lieferant vertrag vertragsnr auftrag rechnung az plz postfach pin iban
    konto kto kontonr ktonr kontonummer blz hrb
    """
)

#: Names of countries: the number beside one is written as there.
COUNTRY_WORDS = {
    word: region
    for region, words in {
        "DE": "deutschland germany allemagne germania",
        "AT": "österreich oesterreich austria autriche",
        "CH": "schweiz suisse svizzera switzerland",
        "LI": "liechtenstein",
        "FR": "frankreich france",
        "IT": "italien italia italy",
        "LU": "luxemburg luxembourg",
        "BE": "belgien belgique belgië belgium",
        "NL": "niederlande nederland netherlands holland",
        "DK": "dänemark danmark denmark",
        "PL": "polen polska poland",
        "CZ": "tschechien česko czechia",
        "HU": "ungarn magyarország hungary",
        "ES": "spanien españa spain",
        "GB": "großbritannien grossbritannien england britain uk",
        "IE": "irland ireland",
        "US": "usa",
    }.items()
    for word in words.split()
}
#: Signs of countries that mean nothing else in front of a number, in capital letters only. IT is also a department, NL
#: a branch, GB a division, FR a Frau in capitals.
COUNTRY_SIGNS = frozenset(("AT", "CH", "DE"))

#: What telephone systems write instead of a number that was not shown, without punctuation.
WITHHELD_WORDS = _phrases(
    """
    anonymous, anonym, anonymus, anonyme, anonimo, anonymous caller, anonymous call, anonymer anrufer, anonymer anruf,
    unknown, unknown caller, unknown number, unknown caller id, unbekannt, unbek, unbekannter anrufer,
    unbekannter teilnehmer, unbekannte nummer, unbekannte rufnummer, inconnu, numéro inconnu, sconosciuto,
    unavailable, not available, id unavailable, caller id unavailable, number unavailable, out of area,
    nicht verfügbar, withheld, number withheld, caller id withheld, hidden, hidden number, blocked, blocked number,
    caller id blocked, restricted, restricted number, private, private number, private caller, privat, privater anrufer,
    privé, numéro privé, numéro masqué, suppressed, unterdrückt, unterdrueckt, rufnummer unterdrückt,
    rufnummer unterdrueckt, nummer unterdrückt, nummer unterdrueckt, unterdrückte rufnummer, unterdrückte nummer,
    nicht übermittelt, rufnummer nicht übermittelt, nummer nicht übermittelt, keine rufnummer, keine nummer,
    ohne rufnummer, ohne nummer, no number, no caller id, no callerid, number not provided, not provided,
    none, null, nil, undefined, invalid, invalid number, nobody, clir, n a, na
    """
)
