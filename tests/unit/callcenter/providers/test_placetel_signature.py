from __future__ import annotations

import pytest

from app.modules.callcenter.providers.base import NotAuthentic
from app.modules.callcenter.providers.placetel.signature import sign, verify

BODY = (
    b"call_id=4a4cbb39578170aed9a2761a7bec8c7e704a541f52291ef603d6f5f152980c3c"
    b"&event=CallAccepted&from=0123456789&to=0987654321"
)
PUBLISHED = "c4f823c5b8806432fe2b83b1fc2ee714422e0cdfb4b5129152a7d0bbcd7792d0"


def refusal(signature: str | None, secrets: tuple[str, ...] = ("12345",), body: bytes = BODY) -> str:
    with pytest.raises(NotAuthentic) as caught:
        verify(body, signature, secrets)
    return caught.value.code


def test_the_published_example_is_authentic() -> None:
    verify(BODY, PUBLISHED, ("12345",))
    assert sign(BODY, "12345") == PUBLISHED


def test_each_of_several_secrets_is_valid_while_one_is_replaced() -> None:
    verify(BODY, PUBLISHED, ("12345", "new"))
    verify(BODY, PUBLISHED, ("new", "12345"))
    verify(BODY, sign(BODY, "new"), ("12345", "new"))


def test_a_secret_may_have_any_characters() -> None:
    verify(BODY, sign(BODY, "schlüssel €"), ("schlüssel €",))


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_no_secret_refuses_everything_also_what_an_empty_secret_signs(secrets: tuple[str, ...]) -> None:
    assert refusal(PUBLISHED, secrets) == "no_secret"
    assert refusal(sign(BODY, ""), secrets) == "no_secret"
    assert refusal(None, secrets) == "no_secret"


def test_an_empty_secret_beside_a_real_one_opens_nothing() -> None:
    assert refusal(sign(BODY, ""), ("", "12345")) == "wrong_signature"


@pytest.mark.parametrize("signature", [None, ""])
def test_a_missing_signature_is_refused(signature: str | None) -> None:
    assert refusal(signature) == "missing_signature"


@pytest.mark.parametrize(
    "signature",
    [
        PUBLISHED.upper(),
        PUBLISHED[:-1],
        PUBLISHED + "0",
        PUBLISHED + "\n",
        " " + PUBLISHED,
        "sha256=" + PUBLISHED,
        f"{PUBLISHED},{PUBLISHED}",
        f"{PUBLISHED}, {'0' * 64}",
        "ä" * 64,
        "٣" * 64,
        "g" * 64,
        "0" * 100_000,
    ],
    ids=[
        "upper case",
        "truncated",
        "longer",
        "newline",
        "space",
        "prefix",
        "twice",
        "several",
        "no ASCII",
        "other digits",
        "no hex",
        "over-long",
    ],
)
def test_a_signature_of_another_form_is_refused_as_malformed(signature: str) -> None:
    assert refusal(signature) == "malformed_signature"


def test_a_signature_of_another_body_or_secret_is_wrong() -> None:
    assert refusal(PUBLISHED, body=BODY + b"&") == "wrong_signature"
    assert refusal(PUBLISHED, body=b"") == "wrong_signature"
    assert refusal(PUBLISHED, secrets=("1234",)) == "wrong_signature"
    assert refusal("0" * 64) == "wrong_signature"


def test_every_secret_is_tried_even_after_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    import hmac

    real, compared = hmac.compare_digest, []

    def counting(first: str, second: str) -> bool:
        compared.append(first)
        return real(first, second)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    verify(BODY, PUBLISHED, ("12345", "b", "c"))
    assert len(compared) == 3
