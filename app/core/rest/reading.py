"""Reads what a request sends, query and body, and checks it by the published schemas.

Everything that the databases could not store is refused here, so that no use case needs to think of it: a NUL sign
(PostgreSQL), half a surrogate pair (no UTF-8 has it), numbers that are none in JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NoReturn

from flask import request
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from app.core.rest.errors import ApiError

#: An address with all its contacts is some kilobytes.
MAX_BODY_BYTES = 1024 * 1024
#: The deepest body that an operation takes has five levels.
MAX_DEPTH = 20
#: So many problems are named at once.
MAX_PROBLEMS = 20
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_OFFSET_WITHOUT_PLUS = re.compile(r"(:[0-9.]+) ([0-9]{2}:?[0-9]{2})$")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_TYPES = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "object": "an object",
    "string": "a text",
}

Problems = list[tuple[str, str]]


def validator_of(schema: Mapping[str, Any]) -> Draft202012Validator:
    """A checker by this schema, formats (``date``) included."""
    return Draft202012Validator(dict(schema), format_checker=FormatChecker())


def read_query(validators: Mapping[str, Draft202012Validator], required: frozenset[str]) -> dict[str, Any]:
    """The values of this request's query, those not given left out. Raises ApiError (422) naming every problem."""
    problems: Problems = [
        (name[:100], "is not a parameter of this resource") for name in request.args if name not in validators
    ][:MAX_PROBLEMS]
    values: dict[str, Any] = {}
    for name, validator in validators.items():
        given = request.args.getlist(name)
        if not given:
            if name in required:
                problems.append((name, "is required"))
            continue
        if len(given) > 1:
            problems.append((name, "is given more than once"))
            continue
        schema: Any = validator.schema
        values[name] = _converted(given[0], schema.get("type"))
        problems += [(name, sentence) for _path, sentence in _problems(validator, values[name])]
    if problems:
        raise ApiError(422, fields=problems)
    return values


def read_body(validator: Draft202012Validator) -> Any:
    """The JSON body. Raises ApiError: 415 for another media type, 413 for more than ``MAX_BODY_BYTES``, 400 for what is
    no JSON, 422 naming every problem.
    """  # fmt: skip
    if request.mimetype != "application/json":
        raise ApiError(415)
    # One more than the most: of a body without a length (chunked) werkzeug silently cuts off the rest.
    request.max_content_length = MAX_BODY_BYTES + 1
    sent = request.get_data()
    if len(sent) > MAX_BODY_BYTES:
        raise ApiError(413)
    try:
        content = json.loads(sent, parse_constant=_no_json, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_json", "The body is not JSON, or cannot be read without doubt.") from error
    problems = _problems(validator, content) if _is_flat_enough(content) else [(".", "is nested too deeply")]
    if problems:
        raise ApiError(422, fields=problems)
    return content


def plus_restored(text: str) -> str:
    """A number from the query: a ``+`` that was sent as it is arrives as a blank, and nobody begins a number so."""
    return f"+{text.lstrip()}" if text[:1] == " " and text.lstrip()[:1].isdigit() else text


def read_time(name: str, text: str) -> datetime:
    """A point in time (ISO 8601) from the query parameter ``name``. Raises ApiError (422).

    Without an offset it is UTC, without a time midnight.
    """
    try:
        found = datetime.fromisoformat(_OFFSET_WITHOUT_PLUS.sub(r"\1+\2", text.strip()))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ApiError(422, fields=[(name, "is not a time such as 2026-11-23T10:00:00Z")]) from error


def _no_json(constant: str) -> NoReturn:
    # Python's reader takes NaN and Infinity; RFC 8259 knows neither.
    raise ValueError(constant)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # RFC 8259, 4: with a name twice nobody knows which one counts.
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _converted(text: str, kind: Any) -> Any:
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "boolean":
        return _BOOLEANS.get(text.lower(), text)
    return text


def _is_flat_enough(content: Any) -> bool:
    """Checked level by level: a checker that calls itself would not survive what it should find."""
    level = [content]
    for _depth in range(MAX_DEPTH):
        level = [part for value in level if isinstance(value, dict | list) for part in _parts(value)]
        if not level:
            return True
    return False


def _parts(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _problems(validator: Draft202012Validator, content: Any) -> Problems:
    found: dict[tuple[str, str], None] = {}
    for failure in islice(validator.iter_errors(content), MAX_PROBLEMS):
        found.update(dict.fromkeys(_told(failure)))
    if not found:
        found.update(dict.fromkeys(islice(_unstorable(content), MAX_PROBLEMS)))
    return list(found)[:MAX_PROBLEMS]


def _told(failure: ValidationError) -> Problems:
    """A failure as places and sentences. What was sent is not repeated: it may be long, or a number."""
    place = [str(part) for part in failure.absolute_path]
    wanted: Any = failure.validator_value
    instance: Any = failure.instance
    if failure.validator == "additionalProperties":
        known = failure.schema.get("properties", {}) if isinstance(failure.schema, Mapping) else {}
        extra = [name for name in instance if name not in known]
        return [(_path(*place, name[:100]), "is not a field here") for name in extra[:MAX_PROBLEMS]]
    if failure.validator == "required":
        return [(_path(*place, name), "is required") for name in wanted if name not in instance]
    return [(_path(*place), _sentence(str(failure.validator), wanted))]


def _sentence(rule: str, wanted: Any) -> str:
    if rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"must be {' or '.join(_TYPES.get(kind, kind) for kind in kinds)}"
    if rule == "enum":
        return f"must be one of: {', '.join('null' if value is None else str(value) for value in wanted)}"
    if rule in ("minLength", "minItems"):
        return "must not be empty" if wanted == 1 else f"is too short: at least {wanted}"
    sentences = {
        "maxLength": f"is too long: at most {wanted} characters",
        "maxItems": f"has too many entries: at most {wanted}",
        "minimum": f"must be at least {wanted}",
        "maximum": f"must be at most {wanted}",
        "uniqueItems": "names something twice",
        "format": f"is not of the form {wanted}",
        "pattern": f"does not match {wanted}",
    }
    return sentences.get(rule, "is not valid")


def _unstorable(content: Any, *place: str) -> Iterable[tuple[str, str]]:
    """Texts that no database takes. The content has passed its schema, so its depth is known."""
    if isinstance(content, str):
        if "\x00" in content:
            yield _path(*place), "must not contain a NUL sign"
        elif any("\ud800" <= sign <= "\udfff" for sign in content):
            yield _path(*place), "contains half a surrogate pair"
    elif isinstance(content, dict):
        for name, value in content.items():
            yield from _unstorable(value, *place, name)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _unstorable(value, *place, str(index))


def _path(*parts: str) -> str:
    return "/".join(parts) or "."
