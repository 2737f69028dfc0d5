"""The page *Rufnummern prüfen*: what it lists, what its buttons do, and that nobody's work is overwritten."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.modules.addresses import bulk_corrections, hygiene, services
from app.modules.addresses.correction_log import history
from app.modules.addresses.reading import get_address
from app.modules.addresses.records import NumberInput
from app.modules.addresses.views import hygiene as pages
from tests.conftest import csrf_of
from tests.integration.addresses.conftest import person

CHECK = "/addresses/check/"
PART = {"HX-Request": "true"}
EVIL = '<img src=x onerror=alert(1)>"'


def _page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def _text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def _post(client: FlaskClient, path: str, data: dict[str, Any], **more: Any) -> Any:
    return client.post(path, data={**data, "csrf_token": csrf_of(client)}, **more)


def _listed(page: str) -> str:
    """The list of a page."""
    found = re.search(r'<ul class="[^"]*check-list">(.*?)</ul>\s*(?:<div class="card-footer|</div>)', page, re.DOTALL)
    return found[1] if found else ""


def _fields(page: str, action: str) -> dict[str, Any]:
    """The hidden fields of the form with this action, as a browser would send them."""
    form = next(part for part in page.split("<form")[1:] if f'action="{action}"' in part).split("</form>")[0]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    found.pop("csrf_token", None)
    return found


def _raws(address_id: int) -> list[str]:
    address = get_address(address_id)
    assert address is not None
    return [number.raw for number in address.numbers]


@pytest.fixture
def several(make_address: Callable[..., int]) -> int:
    return make_address("Rheinwerk", NumberInput("0221 4710-610 oder 0221 4710-611", "phone", "Büro"), city="Köln")


def _path(finding: str) -> str:
    (found,) = hygiene.of_finding(finding)
    return f"/addresses/check/numbers/{found.number_id}"


def test_the_list_of_addresses_counts_what_is_to_be_checked(staff: FlaskClient, make_address: Any) -> None:
    assert "Rufnummern prüfen" in _text(_page(staff, "/addresses/"))
    make_address("Rheinwerk", "frag Erna", "0221 4710-500", "4710-123")
    make_address("Zweite", "0221 4710-500")
    assert "Rufnummern prüfen 3" in _text(_page(staff, "/addresses/"))
    for place in range(100):
        make_address(f"Firma {place}", "frag Erna")
    assert "Rufnummern prüfen 99+" in _text(_page(staff, "/addresses/"))


def test_each_kind_has_a_tab_with_its_count_and_the_reason_in_words(staff: FlaskClient, make_address: Any) -> None:
    make_address("Köln", "0221 4710-500", "4710-124", "0221 4710123 Zimmer 12", "23", city="Köln")
    make_address("Zweite", "0221 4710-500", contacts=[person("Max Muster", "0221 4710-610 oder -611")])
    make_address("Dritte", "030 23125-100", contacts=[person("Eva Eigen", "030 23125-100")])
    page = _text(_page(staff, CHECK))
    for tab in ("Nicht lesbar (1)", "Mehrere in einem Feld (1)", "Zweifelhaft (1)", "Mit Bemerkung (1)"):
        assert tab in page
    assert "Bei mehreren Adressen (1)" in page
    assert "Doppelt gespeichert (1)" in page
    assert "23 Das ist zu kurz für eine Telefonnummer." in page
    doubtful = _text(_page(staff, f"{CHECK}?show=doubtful"))
    assert "4710-124 Die Vorwahl fehlt" in doubtful
    assert "0221 4710124 mit der Vorwahl der anderen Nummern dort" in doubtful
    several = _text(_page(staff, f"{CHECK}?show=several"))
    assert "Max Muster öffnet sich in einem neuen Tab Zweite" in several
    remark = _text(_page(staff, f"{CHECK}?show=remark"))
    assert "Neben der Nummer steht: Zimmer 12" in remark
    assert "bei 2 Adressen" in _text(_page(staff, f"{CHECK}?show=shared"))
    assert "entfällt" in _text(_page(staff, f"{CHECK}?show=twice"))


def test_a_proposal_is_applied_as_shown_and_undone_by_the_button_in_the_message(
    staff: FlaskClient, several: int
) -> None:
    path = _path("several")
    sent = _fields(_page(staff, f"{CHECK}?show=several"), path)
    answer = _post(staff, path, sent)
    assert answer.headers["Location"] == f"{CHECK}?show=several"
    assert _raws(several) == ["0221 4710-610", "0221 4710-611"]
    page = _page(staff, answer.headers["Location"])
    assert "aus 0221 4710-610 oder 0221 4710-611 wurde 0221 4710-610, 0221 4710-611" in _text(page)
    (made,) = history()
    undo = f"/addresses/check/corrections/{made.id}/undo"
    _post(staff, undo, _fields(page, undo))
    assert _raws(several) == ["0221 4710-610 oder 0221 4710-611"]
    assert "Dort steht wieder" in _text(_page(staff, f"{CHECK}?show=several"))
    told = _post(staff, undo, {}, follow_redirects=True).get_data(as_text=True)
    assert "Das lässt sich nicht mehr rückgängig machen" in told


def test_htmx_gets_the_line_and_the_new_counts_in_its_place(staff: FlaskClient, several: int) -> None:
    path = _path("several")
    part = _post(staff, path, _fields(_page(staff, f"{CHECK}?show=several"), path), headers=PART).get_data(as_text=True)
    assert "<html" not in part
    assert "Berichtigt:" in part
    assert re.search(r'<span id="check-count-several" hx-swap-oob="true"></span>', part)


def test_another_correction_is_typed_in_the_editor(staff: FlaskClient, several: int) -> None:
    path = _path("several")
    editor = _page(staff, f"{path}/edit")
    assert 'value="0221 4710-610 oder 0221 4710-611"' in editor
    part = staff.get(f"{path}/edit", headers=PART).get_data(as_text=True)
    assert "<html" not in part
    sent = {**_fields(part, path), "numbers-0-raw": "0221 4710-777", "numbers-0-kind": "mobile", "numbers-3-raw": ""}
    _post(staff, path, sent)
    address = get_address(several)
    assert address is not None
    assert [(n.raw, n.kind) for n in address.numbers] == [("0221 4710-777", "mobile")]


def test_who_corrects_a_number_that_is_another_by_now_is_told_and_loses_nothing(
    staff: FlaskClient, several: int
) -> None:
    path = _path("several")
    sent = {**_fields(_page(staff, f"{path}/edit"), path), "numbers-0-raw": "0221 4710-777"}
    address = get_address(several)
    assert address is not None
    services.update_address(several, None, {}, [NumberInput("0221 4710-610 oder -612"), NumberInput("0221 4710-500")])
    (found,) = hygiene.of_finding("several")
    # SQLite gives the id of a deleted last row again: then it is another number under the same id.
    answer = _post(staff, f"/addresses/check/numbers/{found.number_id}", sent)
    page = answer.get_data(as_text=True)
    assert "wurde inzwischen von jemandem geändert" in page
    assert "0221 4710-610 oder -612" in page, "as it is now"
    assert 'value="0221 4710-777"' in page, "as it was typed"
    assert _raws(several) == ["0221 4710-610 oder -612", "0221 4710-500"]
    part = _post(staff, f"/addresses/check/numbers/{found.number_id}", sent, headers=PART).get_data(as_text=True)
    assert "<html" not in part
    again = {**_fields(page, f"/addresses/check/numbers/{found.number_id}"), "numbers-0-raw": "0221 4710-777"}
    again = {name: value for name, value in again.items() if not re.match(r"numbers-[1-9]", name)}
    _post(staff, f"/addresses/check/numbers/{found.number_id}", again)
    assert _raws(several) == ["0221 4710-777", "0221 4710-500"]


def test_a_number_that_is_gone_is_told(staff: FlaskClient, several: int) -> None:
    path = _path("several")
    sent = _fields(_page(staff, f"{CHECK}?show=several"), path)
    services.update_address(several, None, {}, [])
    answer = _post(staff, path, sent)
    assert answer.status_code == 302
    assert "wurde inzwischen von jemandem geändert" in _page(staff, answer.headers["Location"])
    assert "wurde inzwischen" in _post(staff, path, sent, headers=PART).get_data(as_text=True)


def test_a_refused_correction_stays_in_the_editor(staff: FlaskClient, several: int) -> None:
    path = _path("several")
    sent = {**_fields(_page(staff, f"{path}/edit"), path), "numbers-0-raw": "x" * 501}
    page = _post(staff, path, sent).get_data(as_text=True)
    assert "Das ist zu lang." in page
    assert "x" * 501 in page
    assert _raws(several) == ["0221 4710-610 oder 0221 4710-611"]


def test_a_number_is_left_as_it_is_and_listed_again(staff: FlaskClient, make_address: Any) -> None:
    make_address("Rheinwerk", "frag Erna")
    path = f"{_path('unreadable')}/keep"
    answer = _post(staff, path, _fields(_page(staff, f"{CHECK}?show=unreadable"), path))
    page = _page(staff, answer.headers["Location"])
    assert "Bleibt, wie es ist: frag Erna" in page
    assert "Hier ist nichts zu prüfen." in page
    _post(staff, path, _fields(page, path))
    assert "frag Erna" in _page(staff, f"{CHECK}?show=unreadable")
    _post(staff, path, _fields(page, path))
    changed = _post(staff, path, {"address_id": "1", "sign": "x", "kept": "1"}, follow_redirects=True)
    assert "wurde inzwischen" in changed.get_data(as_text=True)


def test_kept_ones_have_a_list_of_their_own(staff: FlaskClient, make_address: Any) -> None:
    make_address("Rheinwerk", "frag Erna")
    path = f"{_path('unreadable')}/keep"
    _post(staff, path, _fields(_page(staff, f"{CHECK}?show=unreadable"), path))
    page = _page(staff, f"{CHECK}?show=unreadable&kept=1")
    assert "frag Erna" in page
    assert _fields(page, path)["kept"] == [""]
    _post(staff, path, _fields(page, path))
    assert _listed(_page(staff, f"{CHECK}?show=unreadable&kept=1")) == ""


def test_who_has_a_number_is_compared_and_it_is_kept_at_one_only_when_that_is_confirmed(
    staff: FlaskClient, make_address: Any
) -> None:
    first = make_address("Erste", "0221 4710-500", city="Köln", email="info@erste.example")
    second = make_address("Zweite", "030 23125-100", contacts=[person("Max Muster", "0221 4710-500")])
    (group,) = hygiene.of_reach("shared")
    path = f"/addresses/check/numbers/{group.rows[0].number_id}/owners"
    page = _page(staff, path)
    for text in ("Erste", "Zweite", "info@erste.example", "Max Muster", "Nummer nur hier behalten"):
        assert text in page
    assert f'href="/addresses/{first}" target="_blank"' in page
    assert f'href="/addresses/{second}" target="_blank"' in page
    hidden = {
        name: [html.unescape(value) for value in re.findall(f'name="{name}" value="([^"]*)"', page)]
        for name in ("owners", "seen")
    }
    assert "Bitte wählen Sie, wo die Nummer bleiben soll." in _post(staff, path, hidden).get_data(as_text=True)
    unconfirmed = _post(staff, path, {**hidden, "at": str(first)}).get_data(as_text=True)
    assert "Bitte bestätigen Sie" in unconfirmed
    assert re.search(rf'value="{first}" checked', unconfirmed)
    stranger = _post(staff, path, {**hidden, "at": "999", "confirmed": "y"}).get_data(as_text=True)
    assert "Bitte wählen Sie" in stranger
    third = make_address("Dritte", "0221 4710-500")
    unseen = _post(staff, path, {**hidden, "at": str(first), "confirmed": "y"}).get_data(as_text=True)
    assert "inzwischen von jemandem geändert" in unseen
    services.archive(third)
    answer = _post(staff, path, {**hidden, "at": str(first), "confirmed": "y"})
    assert answer.status_code == 302
    assert "Die Nummer bleibt bei Erste." in _page(staff, answer.headers["Location"])
    address = get_address(second)
    assert address is not None
    assert address.contacts[0].numbers == ()
    assert _raws(first) == ["0221 4710-500"]
    assert [number.raw for number in history()[0].before] == ["0221 4710-500"]
    assert history()[0].after == ()


def test_so_many_owners_that_nobody_sees_them_all_are_left_alone(
    staff: FlaskClient, make_address: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.modules.addresses.views import hygiene_repeated

    monkeypatch.setattr(hygiene_repeated, "MOST_COMPARED", 2)
    first, *_others = [make_address(f"Firma {place}", "0221 4710-500") for place in range(3)]
    (group,) = hygiene.of_reach("shared")
    path = f"/addresses/check/numbers/{group.rows[0].number_id}/owners"
    page = _page(staff, path)
    assert "3 Adressen haben diese Nummer" in page
    assert "Nummer nur hier behalten" not in page
    _post(staff, path, {"at": str(first), "confirmed": "y"})
    assert len(hygiene.of_reach("shared")[0].rows) == 3


def test_a_superfluous_copy_is_dropped_and_brought_back(staff: FlaskClient, make_address: Any) -> None:
    address_id = make_address("Rheinwerk", "0221 4710-500", contacts=[person("Max", "0221 4710-500")])
    (group,) = hygiene.of_reach("twice")
    path = f"/addresses/check/numbers/{group.rows[0].number_id}/twice"
    sent = _fields(_page(staff, f"{CHECK}?show=twice"), path)
    page = _post(staff, path, sent, follow_redirects=True).get_data(as_text=True)
    assert "Entfernt: 0221 4710-500" in page
    address = get_address(address_id)
    assert address is not None
    assert address.contacts[0].numbers == ()
    told = _post(staff, "/addresses/check/undo-all", _fields(page, "/addresses/check/undo-all"))
    assert "1 Berichtigung ist rückgängig gemacht." in told.get_data(as_text=True)
    again = get_address(address_id)
    assert again is not None
    assert len(again.contacts[0].numbers) == 1
    stale = _post(staff, path, {"seen": ["1-x"]}, follow_redirects=True).get_data(as_text=True)
    assert "Nichts wurde überschrieben." in stale


def test_owners_who_share_a_number_rightly_are_left_alone(staff: FlaskClient, make_address: Any) -> None:
    make_address("Erste", "0221 4710-500")
    make_address("Zweite", "0221 4710-500")
    (group,) = hygiene.of_reach("shared")
    path = f"/addresses/check/numbers/{group.rows[0].number_id}/share"
    answer = _post(staff, path, _fields(_page(staff, f"{CHECK}?show=shared"), path))
    page = _page(staff, answer.headers["Location"])
    assert "Bleibt, wie es ist: 0221 4710500" in page
    assert hygiene.of_reach("shared") == []
    _post(staff, path, _fields(page, path))
    assert len(hygiene.of_reach("shared")) == 1
    stale = _post(staff, path, {"owners": "9:9", "kept": "1"}, follow_redirects=True).get_data(as_text=True)
    assert "Nichts wurde überschrieben." in stale


def test_all_proposals_are_previewed_applied_with_progress_and_undone(
    staff: FlaskClient, make_address: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_corrections, "PIECE", 2)
    made = [make_address(f"Firma {place}", f"030 23125 {place:03} Zimmer {place}") for place in range(5)]
    page = _page(staff, "/addresses/check/all?show=remark")
    assert "5 Vorschläge" in page
    assert "die Bemerkung wird zur Bezeichnung (5)" in _text(page)
    url = "/addresses/check/all"
    part = _post(staff, url, {**_fields(page, url), "reason": "remark"}, headers=PART).get_data(as_text=True)
    assert "2 Nummern sind berichtigt." in part
    assert 'max="5" value="2"' in part
    assert 'hx-trigger="load, submit"' in part
    # Without scripts the next piece is sent by a button.
    assert "Weiter" in part
    rounds = 0
    while f'action="{url}"' in part:
        part = _post(staff, url, _fields(part, url)).get_data(as_text=True)
        rounds += 1
    assert rounds == 2
    assert "5 Nummern sind berichtigt." in part
    assert [_raws(one) for one in made] == [[f"030 23125 {place:03}"] for place in range(5)]
    undo = "/addresses/check/undo-all"
    for _round in range(3):
        part = _post(staff, undo, _fields(part, undo), headers=PART).get_data(as_text=True)
    assert "5 Berichtigungen sind rückgängig gemacht." in part
    assert hygiene.counts()["remark"] == 5


def test_where_nothing_is_proposed_the_preview_says_so(staff: FlaskClient, make_address: Any) -> None:
    make_address("Rheinwerk", "0123456789")
    assert "Hier gibt es keinen Vorschlag" in _page(staff, "/addresses/check/all?show=doubtful")
    for kind in ("unreadable", "shared", "history", "nonsense", ""):
        assert staff.get(f"/addresses/check/all?show={kind}").status_code == 404


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/addresses/check/all", {"kind": "unreadable"}),
        ("/addresses/check/undo-all", {"kind": "remark", "batch": "x"}),
        ("/addresses/check/undo-all", {"kind": "nonsense", "batch": "0" * 32}),
        ("/addresses/check/numbers/1", {"address_id": "x"}),
        ("/addresses/check/numbers/1/twice", {}),
        ("/addresses/check/numbers/1/share", {}),
    ],
)
def test_what_no_page_of_ours_sends_is_refused(staff: FlaskClient, path: str, data: dict[str, str]) -> None:
    assert _post(staff, path, data).status_code == 400


@pytest.mark.parametrize("after", ["", "0", "x", "²", "9" * 30, "-1", "+49", "\x00"])
@pytest.mark.parametrize("show", ["unreadable", "shared", "twice", "history", "nonsense"])
def test_odd_places_in_the_list_are_no_error(staff: FlaskClient, make_address: Any, show: str, after: str) -> None:
    assert staff.get(CHECK, query_string={"show": show, "after": after}).status_code == 200


def test_a_long_list_has_pages_that_lead_on_and_back(
    staff: FlaskClient, make_address: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", 2)
    for place in range(5):
        make_address(f"Firma {place}", f"frag Nummer {place}", f"030 23125 {place:03}")
        make_address(f"Zweite {place}", f"030 23125 {place:03}")
    for show, texts in (
        ("unreadable", [f"frag Nummer {place}" for place in range(5)]),
        ("shared", [f"030 2312500{place}" for place in range(5)]),
    ):
        path, seen = f"{CHECK}?show={show}", []
        while True:
            page = _page(staff, path)
            seen += [text for text in texts if text in _listed(page)]
            following = re.search(r'href="([^"]+)" rel="next"', page)
            if following is None:
                break
            path = html.unescape(following[1])
        assert seen == texts
        assert "An den Anfang" in page


def test_what_is_typed_is_never_markup(staff: FlaskClient, make_address: Any) -> None:
    make_address(EVIL, NumberInput(EVIL, "phone", EVIL), "0221 4710-500", city=EVIL)
    make_address(EVIL, contacts=[person(EVIL, "0221 4710-500", f"0221 4710123 {EVIL}")])
    (group,) = hygiene.of_reach("shared")
    path = _path("unreadable")
    for show in ("unreadable", "remark", "shared", "history"):
        assert "<img src=x" not in _page(staff, f"{CHECK}?show={show}")
    for page in (
        _page(staff, f"{path}/edit"),
        _page(staff, f"/addresses/check/numbers/{group.rows[0].number_id}/owners"),
        _page(staff, "/addresses/check/all?show=remark"),
        _post(staff, path, _fields(_page(staff, f"{path}/edit"), path), follow_redirects=True).get_data(as_text=True),
        _page(staff, f"{CHECK}?show=history"),
    ):
        assert "<img src=x" not in page
