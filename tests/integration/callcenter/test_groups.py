"""Groups of users on lines, and the page of whoever says who sees what."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.modules.callcenter import accounts, configuring, groups
from app.modules.callcenter.configuring import Changes
from app.modules.callcenter.written_lists import LineEntry
from tests.conftest import csrf_of, logged_in_client

PAGE = "/callcenter/groups"
KEY = "+493023125100"


def lines_of(user_id: int) -> tuple[set[str], set[str]]:
    watcher = accounts.watcher(user_id)
    assert watcher is not None
    return set(watcher.lines), set(watcher.own_lines)


def put_on_line(*group_ids: int, user_ids: tuple[int, ...] = ()) -> None:
    configuring.save(Changes(lines=[LineEntry("03023125100", KEY, "Verkauf", user_ids, group_ids)]))


def sent(client: FlaskClient, path: str, **fields: Any) -> Any:
    return client.post(path, data={"csrf_token": csrf_of(client, PAGE), **fields})


def test_members_of_a_group_have_its_lines(make_user: Any) -> None:
    anna, ben, clara = make_user(), make_user(), make_user()
    group = groups.store(None, "  Verkauf   Nord ", [anna, ben])
    put_on_line(group)
    assert [(one.name, one.user_ids, one.lines) for one in groups.listed()] == [
        ("Verkauf Nord", (anna, ben), ("Verkauf",))
    ]
    assert lines_of(anna) == lines_of(ben) == ({KEY}, set())
    assert lines_of(clara) == (set(), set())
    groups.store(group, "Verkauf", [clara])
    assert lines_of(anna) == (set(), set())
    # The only member: the line is hers alone.
    assert lines_of(clara) == ({KEY}, {KEY})
    assert groups.remove(group)
    assert not groups.remove(group)
    assert lines_of(clara) == (set(), set())
    assert configuring.lines() == [LineEntry("03023125100", KEY, "Verkauf")]


def test_who_is_on_a_line_by_himself_and_by_a_group_is_on_it_once(make_user: Any) -> None:
    anna = make_user()
    put_on_line(groups.store(None, "A", [anna]), groups.store(None, "B", [anna]), user_ids=(anna,))
    assert lines_of(anna) == ({KEY}, {KEY})


def test_names_differ_whatever_their_case(app: Flask) -> None:
    first, other = groups.store(None, "Verkauf", []), groups.store(None, "Einkauf", [])
    for group in (None, other):
        with pytest.raises(groups.NameTaken):
            groups.store(group, "VERKAUF", [])
    assert groups.store(first, "VERKAUF", []) == first
    with pytest.raises(LookupError):
        groups.store(4711, "Lager", [])


def test_lines_read_from_a_text_keep_their_groups(make_user: Any) -> None:
    group = groups.store(None, "Verkauf", [make_user()])
    put_on_line(group)
    (entry,) = configuring.named([LineEntry("03023125100", KEY)])
    assert (entry.name, entry.group_ids) == ("Verkauf", (group,))


def test_a_group_is_made_changed_and_dissolved_in_the_page(admin: FlaskClient, make_user: Any) -> None:
    anna = make_user("anna", name="Anna Alt")
    assert "Noch keine Gruppen" in admin.get(PAGE).get_data(as_text=True)
    assert sent(admin, f"{PAGE}/new", name="Verkauf", members=str(anna)).status_code == 302
    (group,) = groups.listed()
    assert (group.name, group.user_ids) == ("Verkauf", (anna,))
    page = admin.get(PAGE).get_data(as_text=True)
    assert "Verkauf" in page
    assert "Anna Alt" in page
    answer = sent(admin, f"{PAGE}/new", name="verkauf")
    assert answer.status_code == 422
    assert "Eine Gruppe mit diesem Namen gibt es schon." in answer.get_data(as_text=True)
    answer = sent(admin, f"{PAGE}/{group.id}", name="", members=str(anna))
    assert answer.status_code == 422
    assert f'value="{anna}" checked' in answer.get_data(as_text=True)
    assert sent(admin, f"{PAGE}/{group.id}", name="Vertrieb", members=["x", "4711"]).status_code == 302
    assert [(one.name, one.user_ids) for one in groups.listed()] == [("Vertrieb", ())]
    assert sent(admin, f"{PAGE}/{group.id}/remove").status_code == 302
    assert groups.listed() == []


def test_what_holds_for_everybody_is_set_in_the_page(admin: FlaskClient, make_user: Any) -> None:
    anna = make_user("anna")
    assert sent(admin, f"{PAGE}/default", scope="lines").status_code == 302
    watcher = accounts.watcher(anna)
    assert watcher is not None
    assert watcher.scope == "lines"
    assert sent(admin, f"{PAGE}/default", scope="odd").status_code == 400


def test_a_group_is_put_on_a_line_in_the_settings(admin: FlaskClient, make_user: Any) -> None:
    anna = make_user("anna")
    group = groups.store(None, "Verkauf", [anna])
    put_on_line()
    settings = "/callcenter/settings"
    page = admin.get(settings).get_data(as_text=True)
    assert f'name="line_groups_0" value="{group}"' in page
    fields = {"line_row": "0", "line_number_0": "03023125100", "line_name_0": "Verkauf", "line_groups_0": str(group)}
    answer = admin.post(
        settings,
        data={
            "csrf_token": csrf_of(admin, settings), "base_url": "https://api.placetel.de/v2", "ringing_minutes": "5",
            "talking_hours": "4", **fields,
        },
    )  # fmt: skip
    assert answer.status_code == 302
    assert lines_of(anna) == ({KEY}, {KEY})


def test_permissions_of_a_single_user_are_ticked_in_his_page(app: Flask, admin: FlaskClient, make_user: Any) -> None:
    anna = make_user("anna", name="Anna Alt")
    path = f"/users/{anna}"
    page = admin.get(path).get_data(as_text=True)
    assert 'value="callcenter.all_calls" checked' in page
    assert 'value="core.users" checked' not in page
    fields = {
        "csrf_token": csrf_of(admin, path), "name": "Anna Alt", "role": "staff", "language": "de",
        "timezone": "Europe/Berlin", "active": "1",
    }  # fmt: skip
    given = ["callcenter.calls", "callcenter.configure", "addresses.view"]
    assert admin.post(path, data={**fields, "permissions_shown": "1", "permissions": given}).status_code == 302
    client = logged_in_client(app, anna)
    assert client.get("/callcenter/groups").status_code == 200
    assert client.get("/callcenter/statistics").status_code == 403
    # A form that does not speak of them changes none.
    assert admin.post(path, data=fields).status_code == 302
    assert client.get("/callcenter/groups").status_code == 200
