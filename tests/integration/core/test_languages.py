"""German and English: every page in both, and nothing on any page that cannot be translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from zoneinfo import available_timezones

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import String, select

from app.core import demo
from app.core.accounts import service
from app.core.accounts.models import ADMINISTRATOR, STAFF
from app.core.database import Base, reading
from app.core.i18n import Texts, translation_folders
from app.core.phones.origins import origin_of
from app.modules.addresses import note_drafts
from app.modules.addresses.note_drafts import Place
from app.modules.callcenter.stored import CALL
from tests.conftest import PASSWORD, Databases, build_app, csrf_of, logged_in_client
from tests.integration.callcenter.phone_system import (
    ANNA,
    CUSTOMER,
    LINE,
    PhoneSystem,
    call_id,
    give_account,
    give_line,
)
from tests.integration.core.furnished import ROUTES, furnish
from tests.integration.core.page_texts import texts_of

#: Text that no person reads.
FOR_PROGRAMS = ("/metrics",)
#: Pages that look different with a query, and pages for those who may not or do not find.
MORE = (
    "/addresses/?q=nobody-is-called-so",
    "/addresses/?q=Rheinwerk",
    "/addresses/?archived=all&role=supplier&sort=city&descending=1",
    "/addresses/new?number=022147100599&origin=call:{call_id}",
    "/addresses/{address_id}/crm?telefon_notiz_erstellen=1&origin=call:{call_id}",
    "/addresses/notes/new?address_id={address_id}",
    "/addresses/987654",
    *(f"/addresses/check/?show={kind}" for kind in ("several", "doubtful", "remark", "shared", "twice", "history")),
    *(f"/addresses/check/all?show={kind}" for kind in ("several", "doubtful", "twice")),
    "/addresses/check/?show=unreadable&kept=1",
    "/appstore/?q=nothing",
    "/callcenter/?q=nobody-is-called-so",
    "/callcenter/calls?phase=ended",
    "/callcenter/calls?q=nobody-is-called-so&direction=out&line=23&user={user_id}&since=2026-01-01&until=x&mine=1",
    "/callcenter/calls?before={call_id}",
    "/callcenter/callbacks?show=done",
    "/callcenter/callbacks/new?call={call_id}",
    "/callcenter/statistics?period=custom&since=tomorrow",
    "/callcenter/statistics?period=yesterday",
    "/addresses/{address_id}/timeline?kind=callbacks",
    "/callcenter/calls/{call_id}/number?pick=Rheinwerk&owner={address_id}:",
    "/callcenter/calls/{call_id}/number?pick=nobody-is-called-so",
    "/callcenter/settings?tab=settings",
    "/callcenter/audit?kind=change&since=2099-01-01",
    "/callcenter/log?show=problems&since=2099-01-01",
    "/callcenter/log?show=new",
    "/callcenter/blocks?number=0171+3920009",
    "/callcenter/blocks?number=0171+3920008",
    "/callcenter/blocks?number=nobody",
    "/unknown-action",
    "/?module=nothing&action=nothing",
    "/no/such/page",
)
CHOSEN = {"role": "staff", "language": "de", "timezone": "Europe/Berlin"}
#: Forms that come back with what is wrong when they are sent empty or senseless.
FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/users/new", {"username": "a b", "password": "short", **CHOSEN}),
    ("/users/{user_id}", {"email": "nonsense", **CHOSEN}),
    ("/account/settings", {"email": "nonsense"}),
    ("/account/password", {"present": "wrong", "password": "short", "again": "other"}),
    ("/addresses/new", {"email": "nonsense", "website": "nonsense", "phone_numbers-0-raw": "what?"}),
    ("/addresses/new", {"name": "Rheinwerk", "kind": "company", "country": "DE", "numbers-0-raw": "0221 4710-500"}),
    ("/addresses/{address_id}/contacts/new", {"email": "nonsense"}),
    ("/addresses/check/numbers/{number_id}", {"address_id": "1", "sign": "x", "numbers-0-raw": "siehe Karte"}),
    ("/addresses/check/numbers/{number_id}/owners", {}),
    ("/addresses/check/all", {"kind": "twice", "reason": "twice", "until": "+9"}),
    ("/addresses/check/undo-all", {"kind": "twice", "batch": "0" * 32}),
    ("/addresses/notes/new", {"kind": "phone", "duration": "nonsense", "tags": "x" * 301}),
    ("/addresses/notes/new", {"kind": "phone", "callback": "1", "callback_when": "own", "callback_due": "nonsense"}),
    ("/addresses/settings", {"customer_number_start": "none"}),
    ("/callcenter/settings/connections", {"kind": "placetel", "name": ""}),
    ("/callcenter/settings/connections", {"kind": "placetel", "name": "Placetel"}),
    ("/callcenter/settings/connections/{connection_key}/name", {"name": "x" * 81}),
    ("/callcenter/log/reread", {}),
    ("/callcenter/log/reread", {"ids": "{notification_id}"}),
    ("/callcenter/log/retention", {"days": "0"}),
    ("/callcenter/gaps", {"day": "yesterday"}),
    ("/callcenter/gaps", {"day": "2026-11-23"}),
    ("/callcenter/self-test", {}),
    ("/callcenter/settings/dialling", {"allowed": "?\n0?*\n23\n23", "hour_limit": "?"}),
    ("/callcenter/settings/dialling", {"countries": "every", "kind": "mass", "blocked": "0900 1000000"}),
    ("/callcenter/settings/dialling/try", {"try_user": "", "try_number": "112"}),
    *(
        ("/callcenter/settings/dialling/try", {"try_user": "1", "try_number": number, "kind": kind, **more})
        for number, kind, more in (
            ("0900 1000000", "premium", {}),
            ("0900 1000000", "", {"blocked": "+49900*"}),
            ("0221 4710-500", "", {}),
            ("0221 4710-500", "", {"allowed": "0221 4710-500"}),
            ("+1 202 555 0123", "", {}),
            ("0180 5 1234567", "shared_cost", {}),
            ("+881 612345678", "satellite", {}),
        )
    ),
    ("/callcenter/dial", {"number": "0900 1000000", "idempotency_key": "z"}),
    ("/addresses/import/", {}),
    ("/addresses/import/{import_id}/columns", {"action": "check", "column-0": "city", "column-1": "city"}),
    ("/callcenter/settings", {"base_url": "nonsense", "accounts": "anna", "lines": "nobody"}),
    ("/callcenter/groups/new", {"name": ""}),
    ("/callcenter/groups/new", {"name": "Vertrieb"}),
    ("/callcenter/groups/{group_id}", {"name": ""}),
    ("/callcenter/control/new", {"kind": "forward", "prefixes": "?", "fallback": "1", "known": "yes"}),
    ("/callcenter/control/new", {"name": "x", "kind": "forward", "seconds_numbers": "20", "targets": "112"}),
    ("/callcenter/control/new", {"name": "x", "kind": "forward", "seconds_numbers": "20"}),
    ("/callcenter/control/new", {"name": "x" * 81, "kind": "group", "group_seconds": "7"}),
    ("/callcenter/control/{rule_id}", {"name": "", "kind": "forward", "seconds_line": "x"}),
    *(("/callcenter/control/try", {"caller": number, "line": LINE}) for number in ("", CUSTOMER, "0171 3920009")),
    ("/callcenter/control/inside", {"inside": "nobody"}),
    *(("/callcenter/blocks", {"numbers": typed}) for typed in ("", "0*", "?*", "030 1 – 030 2", "0171 3920009")),
    ("/callcenter/blocks", {"numbers": "0171 3920010", "until": "2001-01-01", "note": "x" * 201}),
    ("/callcenter/blocks/{block_id}", {"until": "tomorrow"}),
    ("/callcenter/callbacks", {"action": "claim"}),
    ("/callcenter/callbacks/new", {"number": ""}),
    ("/callcenter/callbacks/{callback_id}", {"version": "0"}),
    ("/callcenter/dial", {"number": "112", "idempotency_key": "x"}),
    ("/callcenter/dial", {"number": "", "idempotency_key": "y"}),
    ("/callcenter/calls/{call_id}/number", {"address": "1", "who": "-"}),
    ("/callcenter/calls/{call_id}/number", {"address": "1", "who": "new", "name": "x" * 201, "kind": "fax"}),
    ("/callcenter/calls/{call_id}/number", {"address": "987654", "who": "", "kind": "phone"}),
    ("/callcenter/calls/{call_id}/number", {"address": "1", "who": "", "seen-address": "Anna", "kind": "phone"}),
    ("/callcenter/calls/{call_id}/number", {"address": "1", "who": "", "kind": "phone"}),
)
#: Words that stand on pages as they are, and why.
AS_THEY_ARE = {
    "the product": "Durchwahl",
    "names of Placetel, of its plans and of ours in it": "Placetel PROFI Notify API Web Webex Key Shared Secret",
    "languages, each by its own name": "Deutsch English",
    "how addresses of pages, accounts and times look": "https http www example placetel fpbx UID MaxMustermann ss",
    "the same in both languages": "online",
    "a kind of telephone system, by the name of its interface": "CTI (Zammad)",
    "keys": "Esc Enter",
    "encodings of files, and how large they are": "UTF Windows KB MB",
}


def _translations() -> Iterator[tuple[str | None, str, str]]:
    """Every English text with its context and its German one; singular and plural each by itself."""
    for folder in translation_folders():
        with (folder / "de" / "LC_MESSAGES" / "messages.po").open("rb") as file:
            for message in read_po(file, locale="de"):
                texts = [message.id] if isinstance(message.id, str) else [*message.id]
                german = [message.string] if isinstance(message.string, str) else [*(message.string or ())]
                yield from ((message.context, *both) for both in zip(texts, german, strict=True) if both[0])


TRANSLATIONS = list(_translations())
ENGLISH = {text for _context, text, _german in TRANSLATIONS}
GERMAN = {german for _context, _text, german in TRANSLATIONS}
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")


class Marked(NullTranslations):
    """Puts every text that goes through the translations between brackets."""

    def ugettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        return f"⟦{singular if number == 1 else plural}⟧"

    def upgettext(self, context: str, message: str) -> str:
        return self.ugettext(message)

    def unpgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        return self.ungettext(singular, plural, num)


class House:
    """An installation with demo data and calls, and an administrator who reads every page."""

    def __init__(self, app: Flask) -> None:
        demo.load()
        self.values = furnish(app)
        self.user_id = service.create_user("reader", PASSWORD, ADMINISTRATOR, name="Rita Reader")
        self.client = logged_in_client(app, self.user_id)
        note_drafts.keep(self.user_id, Place("phone", None, self.values["address_id"]), "a", {"text": "Angefangen"}, 0)
        note_drafts.keep(self.user_id, Place("note", None, None), "another", {"text": "Angefangen"}, 0)
        self.staff_id = service.create_user("staff", PASSWORD, STAFF, name="Stefan Staff")
        self.staff = logged_in_client(app, self.staff_id)
        self.anonymous = app.test_client()
        give_account(app, self.user_id, ANNA)
        give_line(app, self.user_id)
        phones = PhoneSystem(app)
        for outcome in ("accepted", "missed", "voicemail", "blocked"):
            phones.incoming(call := call_id())
            if outcome == "accepted":
                phones.accepted(call)
            phones.hung_up(call, outcome, "42" if outcome == "accepted" else "0")
        for outcome in ("busy", "unavailable", "accepted"):
            phones.outgoing(call := call_id())
            phones.hung_up(call, outcome, "7", direction="out")
        phones.incoming(call_id(), caller="anonymous")
        phones.incoming(call_id(), caller="0041446681800")
        phones.post(b"event=Nothing&call_id=" + call_id().encode())
        phones.post(b"event=IncomingCall", signature="0" * 64)

    def speak(self, language: str) -> None:
        for user_id in (self.user_id, self.staff_id):
            service.update_user(user_id, language=language)
        self.anonymous.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    def pages(self) -> Iterator[tuple[str, str]]:
        """Every page with its path."""
        paths = [
            route.at(self.values)
            for route in ROUTES
            if route.method == "GET" and not route.is_api and route.path not in FOR_PROGRAMS
        ]
        for path in (*paths, *(more.format(**self.values) for more in MORE)):
            yield path, _text(self.client, path)
        yield "/users/ (staff)", _text(self.staff, "/users/")
        yield "/login (anonymous)", _text(self.anonymous, "/login")

    def answers(self) -> Iterator[tuple[str, str]]:
        """What forms say that are wrong."""
        for path, fields in FORMS:
            token = csrf_of(self.client, "/apps/")
            sent = {
                name: value.format(**self.values) if value.startswith("{") else value for name, value in fields.items()
            }
            sent["csrf_token"] = token
            answer = self.client.post(path.format(**self.values), data=sent, follow_redirects=True)
            assert answer.status_code < 500, path
            if answer.is_json:
                yield f"{path} {fields}", "".join(f"<p>{text}</p>" for text in (answer.get_json() or {}).values())
            else:
                yield f"{path} {fields}", answer.get_data(as_text=True)


def _text(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code < 500, path
    if 300 <= answer.status_code < 400 or not (answer.mimetype or "").startswith("text/"):
        return ""  # nobody reads a redirect; JSON brings values, and the page its texts
    return answer.get_data(as_text=True)


@pytest.fixture(scope="module")
def house(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all tests here, which only read: in a database of its own."""
    app = build_app(databases.copy(), tmp_path_factory.mktemp("house"))
    with app.app_context():
        yield House(app)
    app.extensions["durchwahl"].database.dispose()


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{2,}", text))


def _values_of_the_data() -> set[str]:
    """Every text in the database: what people have typed belongs to no language of ours."""
    values: set[str] = set()
    with reading() as session:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if isinstance(column.type, String)]
            for row in session.execute(select(*columns)) if columns else ():
                values |= {str(value) for value in row if value is not None}
    return values


def _words_of_lists() -> set[str]:
    """Names of countries, languages, time zones, days and months: Babel's and the system's."""
    german = Locale("de")
    words = _words(" ".join(available_timezones()).replace("/", " ").replace("_", " "))
    calendar = [
        *german.days["stand-alone"].values(),
        *german.days["format"].values(),
        *german.months["format"].values(),
    ]
    for names in (german.territories, german.languages, *calendar):
        words |= _words(" ".join(str(name) for name in names.values()))
    return words


def _places_of_callers() -> set[str]:
    """Where the numbers of all calls come from."""
    with reading() as session:
        numbers = set(session.execute(select(CALL.c.remote_e164).where(CALL.c.remote_e164.is_not(None))).scalars())
    return {origin_of(e164).where(language) for e164 in numbers for language in ("de", "en")}


def test_every_text_of_every_page_can_be_translated(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Texts, "get_translations", lambda _self: Marked())
    places = _places(house)
    known = _words_of_lists() | _words(" ".join((*_values_of_the_data(), *_places_of_callers(), *AS_THEY_ARE.values())))
    _assert_none({text: paths for text, paths in places.items() if _words(_without_marks(text)) - known})


def test_no_german_page_shows_an_english_text(house: House) -> None:
    house.speak("de")
    _assert_none(_shown(_places(house), ENGLISH - GERMAN - _values_of_the_data()))


def test_no_english_page_shows_a_german_text(house: House) -> None:
    house.speak("en")
    # "Durchwahl" is the product's name, too, and with "ID" behind it no extension.
    names = {"Durchwahl", "Durchwahl %(extension)s"}
    _assert_none(_shown(_places(house), GERMAN - ENGLISH - _values_of_the_data() - names))


def test_a_text_is_translated_in_one_way_only() -> None:
    # The catalogues of core and of all modules are one when the application runs.
    ways: dict[tuple[str | None, str], set[str]] = {}
    for context, text, german in TRANSLATIONS:
        ways.setdefault((context, text), set()).add(german)
    assert not {text: found for text, found in ways.items() if len(found) > 1}


def test_the_language_of_a_page_is_stated(house: House) -> None:
    for language in ("de", "en"):
        house.speak(language)
        stated = {"de": "de", "en": "en-GB"}[language]
        assert f'<html lang="{stated}"' in house.client.get("/addresses/").get_data(as_text=True)


def test_who_is_not_logged_in_reads_german_unless_the_browser_asks_for_english(app: Flask) -> None:
    for asked, shown in (("", "de"), ("fr", "de"), ("en-US,en;q=0.9", "en-GB"), ("de-AT,en;q=0.5", "de")):
        page = app.test_client().get("/login", headers={"Accept-Language": asked}).get_data(as_text=True)
        assert f'<html lang="{shown}"' in page, asked


def test_the_checks_see_what_they_look_for() -> None:
    page = """<p>Hello</p><button title="Press"></button><script type="application/json">["You there"]</script>"""
    assert texts_of(page) == ["Hello", "Press", "You there"]
    assert _without_marks("⟦Saved ⟦x⟧ for Anna⟧ now").split() == ["now"]
    found = _shown({"Hello": {"/"}, "3 calls of Anna": {"/x"}, "calls": {"/y"}}, {"Hello", "%(n)s calls of %(name)s"})
    assert set(found) == {"Hello", "3 calls of Anna"}


def _places(house: House) -> dict[str, set[str]]:
    """Every text that is shown, and where."""
    places: dict[str, set[str]] = {}
    for path, page in (*house.pages(), *house.answers()):
        for text in texts_of(page):
            places.setdefault(text, set()).add(path)
    return places


def _shown(places: dict[str, set[str]], messages: set[str]) -> dict[str, set[str]]:
    """The texts that are one of these messages, whatever stands for its placeholders."""
    plain = {message for message in messages if "%(" not in message}
    filled = [_pattern(message) for message in messages if "%(" in message]
    return {
        text: paths
        for text, paths in places.items()
        if text in plain or any(pattern is not None and pattern.fullmatch(text) for pattern in filled)
    }


def _pattern(message: str) -> re.Pattern[str] | None:
    """None for a message that is all placeholders: it would match anything."""
    parts = re.split(r"%\(\w+\)[sd]", " ".join(message.split()))
    if not any(_words(part) for part in parts):
        return None
    return re.compile(".+?".join(re.escape(part) for part in parts))


def _without_marks(text: str) -> str:
    while text != (text := MARKED.sub(" ", text)):
        pass
    return text


def _assert_none(wrong: dict[str, set[str]]) -> None:
    assert not wrong, "\n".join(f"{text[:200]}    on {sorted(paths)[:3]}" for text, paths in sorted(wrong.items()))
