"""Signatures: what libsodium says of them is what OpenSSL says, but of those that nobody makes by signing."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from endpoint import verifying
from endpoint.verifying import Claim, verify
from wire.envelope import Envelope, stated
from wire.errors import SignatureError
from wire.signature import new_key, public_of

OLD, NEW, FOREIGN = new_key(), new_key(), new_key()


def claims(many: int) -> list[Claim]:
    """Every fifth is signed by somebody else, every seventh was changed afterwards."""
    keys = (public_of(OLD), public_of(NEW))
    made = []
    for n in range(many):
        one = stated(b"%d" % n, FOREIGN if n % 5 == 0 else OLD if n % 2 else NEW)
        made.append((Envelope(one.signature, one.data + b"!") if n % 7 == 0 else one, keys))
    return made


TRUE = [bool(n % 5 and n % 7) for n in range(100)]


@pytest.mark.parametrize("cores", [1, 2, 3])
@pytest.mark.parametrize("many", [0, 1, 31, 32, 33, 100])
def test_each_is_judged_by_itself_and_answered_in_its_place(
    many: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verifying, "_CORES", cores)
    assert verify(claims(many)) == TRUE[:many]


@given(some.data())
def test_changed_anywhere_it_holds_as_little_as_for_a_phone(data: some.DataObject) -> None:
    one, public = stated(b"what was said", OLD), public_of(OLD)
    whole = bytearray(public + bytes(one))
    at = data.draw(some.integers(0, 8 * len(whole) - 1))
    whole[at // 8] ^= 1 << at % 8
    changed, key = Envelope(bytes(whole[32:96]), bytes(whole[96:])), bytes(whole[:32])
    assert verify([(one, (public,))]) == [True]
    with pytest.raises(SignatureError):
        changed.verify(key)
    assert verify([(changed, (key,))]) == [False]


@pytest.mark.parametrize(
    ("signature", "public"),
    [(b"", public_of(OLD)), (bytes(63), public_of(OLD)), (bytes(64), b""), (bytes(64), bytes(33))],
    ids=["no signature", "a short one", "no key", "a long one"],
)
def test_what_has_not_the_length_does_not_hold(signature: bytes, public: bytes) -> None:
    assert verify([(Envelope(signature, b"said"), (public,))]) == [False]


def test_a_key_under_which_one_signature_fits_everything_is_no_key() -> None:
    """The neutral point: OpenSSL takes it, and whoever had it certified had signed everything."""
    neutral = bytes([1]) + bytes(31)
    forged = Envelope(neutral + bytes(32), b"anything at all")
    forged.verify(neutral)
    assert verify([(forged, (neutral,))]) == [False]
