import pytest

from app.kit.sealing import SealBroken, Sealer

KEY, OLD = b"k" * 32, b"o" * 32


def test_what_is_sealed_opens_again_and_is_not_to_be_read():
    sealed = Sealer(KEY).seal("totp", "anna", "JBSWY3DPEHPK3PXP")
    assert b"JBSWY3" not in sealed
    assert Sealer(KEY).open("totp", "anna", sealed) == "JBSWY3DPEHPK3PXP"
    assert Sealer(KEY).seal("totp", "anna", "JBSWY3DPEHPK3PXP") != sealed


@pytest.mark.parametrize(("purpose", "owner"), [("totp", "bert"), ("mail", "anna"), ("totpa", "nna"), ("tot", "panna")])
def test_it_opens_for_its_own_purpose_and_owner_only(purpose: str, owner: str):
    sealed = Sealer(KEY).seal("totp", "anna", "secret")
    with pytest.raises(SealBroken):
        Sealer(KEY).open(purpose, owner, sealed)


def test_a_single_altered_bit_is_noticed_wherever_it_is():
    sealed = Sealer(KEY).seal("totp", "anna", "secret")
    for at in range(len(sealed)):
        altered = bytearray(sealed)
        altered[at] ^= 1
        with pytest.raises(SealBroken):
            Sealer(KEY).open("totp", "anna", bytes(altered))


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" + b"n" * 12, b"\x01" + b"n" * 12 + b"short"])
def test_what_was_never_sealed_is_refused(sealed: bytes):
    with pytest.raises(SealBroken):
        Sealer(KEY).open("totp", "anna", sealed)


def test_an_older_key_still_opens_and_the_new_one_seals():
    sealed = Sealer(OLD).seal("totp", "anna", "secret")
    both = Sealer(KEY, OLD)
    assert both.open("totp", "anna", sealed) == "secret"
    assert Sealer(KEY).open("totp", "anna", both.seal("totp", "anna", "secret")) == "secret"
    with pytest.raises(SealBroken):
        Sealer(KEY).open("totp", "anna", sealed)


def test_a_digest_tells_purposes_owners_and_keys_apart_and_knows_older_keys():
    mine = Sealer(KEY).digests("code", "anna", "7K3M9")[0]
    assert mine in Sealer(OLD, KEY).digests("code", "anna", "7K3M9")
    others = [
        ("other", "anna", "7K3M9"),
        ("code", "bert", "7K3M9"),
        ("code", "anna", "7K3M8"),
        ("cod", "eanna", "7K3M9"),
    ]
    assert all(mine not in Sealer(KEY).digests(*each) for each in others)
    assert mine not in Sealer(OLD).digests("code", "anna", "7K3M9")
