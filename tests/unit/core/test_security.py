from __future__ import annotations

import pytest

from app.core.security import CannotDecrypt, Cipher, keyed_hash, safe_next


def test_a_secret_comes_back_only_under_the_same_key() -> None:
    token = Cipher("a" * 32).encrypt("geheim")
    assert "geheim" not in token
    assert Cipher("a" * 32).decrypt(token) == "geheim"
    with pytest.raises(CannotDecrypt):
        Cipher("b" * 32).decrypt(token)


def test_hashes_of_different_purposes_differ() -> None:
    assert keyed_hash("k", "session", "x") != keyed_hash("k", "token", "x")


@pytest.mark.parametrize("target", ["/", "/addresses/7?tab=crm", "/a//b"])
def test_paths_of_ours_are_safe(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    ["", None, "http://evil.example", "//evil.example", "/\\evil.example", "javascript:x", "/a\nb", "/\t/x", "evil"],
)
def test_whatever_leaves_the_house_is_not(target: str | None) -> None:
    assert safe_next(target) is None
