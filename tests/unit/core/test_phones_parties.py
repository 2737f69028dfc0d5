"""What telephone systems send, what is dialled, and what never is."""

from __future__ import annotations

import phonenumbers
import pytest

from app.core.phones import classify, dialable_target, is_emergency, parties, plan, prefixes_for_switchboard, tariffs
from app.core.values import Dialable, Internal, SipUser, Unverified, Withheld


def test_what_kind_of_number_a_caller_has_is_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """To read it, to look for his switchboard, and to say what it costs to call him back."""
    asked: list[object] = []
    number_type = phonenumbers.number_type

    def ask(number: phonenumbers.PhoneNumber) -> int:
        asked.append(number)
        return number_type(number)

    monkeypatch.setattr(phonenumbers, "number_type", ask)
    for known in (plan._kind, plan.line_type, plan.has_durchwahl, parties._classified, tariffs.tariff):
        known.cache_clear()
    assert isinstance(classify("0221 4710987"), Dialable)
    assert prefixes_for_switchboard("+492214710987")
    assert tariffs.tariff("+492214710987") == "ordinary"
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("sent", "region", "e164"),
    [
        ("02214710123", "DE", "+492214710123"),
        ("+492214710123", "DE", "+492214710123"),
        ("00492214710123", "DE", "+492214710123"),
        ("492214710123", "DE", "+492214710123"),
        ("+4902214710123", "DE", "+492214710123"),
        ("01713920012", "DE", "+491713920012"),
        ("4917604069012", "DE", "+4917604069012"),
        ("0041446681800", "DE", "+41446681800"),
        ("+41446681800", "DE", "+41446681800"),
        ("41446681800", "DE", "+41446681800"),
        ("390669812345", "DE", "+390669812345"),
        ("442079460123", "DE", "+442079460123"),
        ("0446681800", "CH", "+41446681800"),
        ("015885812", "AT", "+4315885812"),
        ("912345678", "ES", "+34912345678"),
        ("34912345678", "ES", "+34912345678"),
        ("4915340123456", "DE", "+4915340123456"),
        ("09001234567", "DE", "+499001234567"),
        ("0221/4710-123", "DE", "+492214710123"),
        (" 02214710123 ", "DE", "+492214710123"),
        ("tel:+492214710123", "DE", "+492214710123"),
        ("sip:+492214710123@pbx.example;user=phone", "DE", "+492214710123"),
        ("sip:02214710123@pbx.example;user=phone", "DE", "+492214710123"),
        ('"Beispiel" <sip:+492214710123@pbx.example>', "DE", "+492214710123"),
        ('"0221 4710123" <02214710123>', "DE", "+492214710123"),
        ('"Anonymous" <sip:+492214710123@pbx.example>', "DE", "+492214710123"),
        ("sip:02214710123@pbx.example", "DE", "+492214710123"),
        ("00492214710123@pbx.example", "DE", "+492214710123"),
        ("sip:0446681800@pbx.example", "CH", "+41446681800"),
        ("sip:+49-221-4710-123@pbx.example", "DE", "+492214710123"),
        ("sip:%2B492214710123@pbx.example", "DE", "+492214710123"),
        ("sip:+492214710123;npdi@pbx.example;user=phone", "DE", "+492214710123"),
        ("<sip:+492214710123@pbx.example>;tag=1928301774", "DE", "+492214710123"),
        ("tel:02214710123;phone-context=+49", "DE", "+492214710123"),
        ("%2B492214710123", "DE", "+492214710123"),
        (" 492214710123", "DE", "+492214710123"),  # a plus that a form's encoding turned into a blank
    ],
)
def test_a_public_number_is_dialable(sent: str, region: str, e164: str) -> None:
    assert classify(sent, region) == Dialable(sent, e164)


@pytest.mark.parametrize("sent", ["0", "9", "23", "100", "4711", "12345", "110"])
def test_five_digits_at_most_are_an_extension(sent: str) -> None:
    assert classify(sent) == Internal(sent)


@pytest.mark.parametrize(
    "sent",
    [
        "123456",
        "+4923",
        "+4949",
        "0123456789",
        "4710123",
        "58858123",
        "00",
        "02214710123456789012",
        "*21#",
        "**612",
        "090012",
        "0900123456789012",
        "0221 4710123 / 0171 3920012",
        "Max Beispiel",
        "9" * 300,
        "+",
        "+0",
        "000000",
        "02214710xxx",
        "02214710***",
        "+49221471????",
        "*",
    ],
)
def test_what_is_longer_but_no_number_is_never_an_extension(sent: str) -> None:
    party = classify(sent)
    assert party == (Internal("00") if sent == "00" else Unverified(sent))


@pytest.mark.parametrize(
    "sent",
    [
        "",
        " ",
        "anonymous",
        "Anonymous",
        "ANONYMOUS",
        "anonym",
        "unknown",
        "Unknown",
        "unavailable",
        "withheld",
        "restricted",
        "private",
        "Private Number",
        "unbekannt",
        "Rufnummer unterdrückt",
        "blocked",
        "None",
        "null",
        "sip:anonymous@anonymous.invalid",
        '"Anonymous" <sip:anonymous@anonymous.invalid>',
        "anonymous@pbx.example",
        "sip:unknown@pbx.example",
        "-",
        "n/a",
        "<anonymous>",
        '"Anonymous" <>',
        '"0221 4710123" <anonymous>',
        "anonymous@anonymous.invalid",
        "sip:anonymous@anonymous.invalid:5060;transport=udp",
        "sip:c8oqz84zk7z@anonymous.invalid",
        "sips:anonymous@192.0.2.1",
        "sip:restricted@pbx.example",
        "sip:unavailable@unknown.invalid",
        "sip:",
        "tel:",
        "sip:@pbx.example",
        "Anonymer Anruf",
        "private-number",
        "PrivateNumber",
        "NoCallerID",
        "unknowncaller",
        "invalid",
        "PRIVATE_NUMBER",
        "N/A",
        "unterdrückt",
        "Unterdrückt",
        "UNTERDRÜCKT",
        "unterdrueckt",
        "(unterdrückt)",
        "Unbekannter Anrufer",
        "Unbekannter Teilnehmer",
        "Nummer nicht übermittelt",
        "keine Rufnummer",
        "Caller ID unavailable",
        "Not Available",
        "Out of Area",
        "hidden",
        "?",
        "---",
        "266696687",  # ANONYMOUS on the keys of a telephone
        "+266696687",
        "86282452253",
    ],
)
def test_a_hidden_number_is_withheld_in_every_spelling(sent: str) -> None:
    assert isinstance(classify(sent), Withheld)


def test_no_number_at_all_is_withheld() -> None:
    assert classify(None) == Withheld()


@pytest.mark.parametrize(
    ("sent", "user"),
    [
        ("7771234567@fpbx.de", "7771234567@fpbx.de"),
        ("7777ABCDEFG@FPBX.de", "7777abcdefg@fpbx.de"),
        ("sip:7771234567@fpbx.de", "7771234567@fpbx.de"),
        ("sips:7771234567@fpbx.de;transport=tls", "7771234567@fpbx.de"),
        ('"Beispiel" <sip:7771234567@fpbx.de>', "7771234567@fpbx.de"),
        ("max.beispiel@pbx.example", "max.beispiel@pbx.example"),
        ("sip:23@pbx.example", "23@pbx.example"),
        ("sip:anonymousbosch@pbx.example", "anonymousbosch@pbx.example"),
        ("sip:0123456789@pbx.example", "0123456789@pbx.example"),  # no number of any plan
        ("sip:7771234567@fpbx.de:5060;transport=tcp", "7771234567@fpbx.de"),
    ],
)
def test_a_sip_address_is_a_user_of_the_telephone_system(sent: str, user: str) -> None:
    assert classify(sent) == SipUser(user)


@pytest.mark.parametrize(
    ("typed", "extension"), [("23", "23"), (" 23 ", "23"), ("2-3", "23"), ("DW 23", "23"), ("２３", "23"), ("0", "0")]
)
def test_a_typed_extension_is_dialled_as_its_digits(typed: str, extension: str) -> None:
    assert dialable_target(typed) == Internal(extension)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "Max",
        "Zimmer 12",
        "471000",
        "0221 4710123 / 0171 3920012",
        "0221 4710-0 oder -57",
        "*21*0221471012#",
        "#31#02214710123",
        "max@pbx.example",
        "sip:23@pbx.example",
        "41446681800",
        "0123456789",
        "+4923",
        "9" * 300,
    ],
)
def test_what_is_not_one_number_for_certain_is_refused(typed: str) -> None:
    assert dialable_target(typed) == Unverified(typed)


EMERGENCY = [
    *(
        "110",
        "112",
        " 110 ",
        "1 1 0",
        "1-1-2",
        "1.1.2",
        "(112)",
        "１１２",
        "\u200e112",
        "tel:112",
        "112#",
        "tel:110;x=1",
    ),
    *("1_1_2", "1:1:2", "11:2", "1?1?2", "1…1…2", "0221_112", "1%201%202", "1&nbsp;1&nbsp;2", "(1)12"),
    *("+49110", "+49 110", "+49 (0)112", "0049112", "0049 110", "++49 112", "+49 0 110", "49110", "49112", "+43 133"),
    *("0112", "0-110", "00112", "0 0 110", "Notruf 112", "Polizei: 110", "110 / 112", "110,112", "112 oder 110"),
    *("0221 110", "0221-112", "+49 221 110", "0049 30 112", "sip:112@pbx.example", "112@pbx.example", "#31#112"),
    *("999", "911", "144", "117", "118", "133", "122", "113", "+44 999", "0041 144"),
]


@pytest.mark.parametrize("typed", EMERGENCY)
def test_an_emergency_number_is_known_in_every_spelling_and_never_dialled(typed: str) -> None:
    assert is_emergency(typed)
    assert isinstance(dialable_target(typed), Unverified)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "23",
        "11",
        "111",
        "1100",
        "1120",
        "15",
        "100",
        "0221 4710110",
        "0221 4710-112",
        "030 23125 110",
        "0171 3920011",
        "+49 221 4710112",
        "0110 1234567",
        "+41 44 668 11 12",
        "+1 212 555 0112",
        "Max",
        "115",
        "116117",
    ],
)
def test_other_numbers_are_no_emergency(typed: str) -> None:
    assert not is_emergency(typed)
