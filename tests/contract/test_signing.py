"""Signatures: who asks for one gets a model of its holder, or none."""

import shutil

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

import directive_clf as dc
from directive_clf import registry, signing, versioning


def write_keys(folder, name, key):
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    (folder / f"{name}.private.pem").write_bytes(private)
    (folder / f"{name}.public.pem").write_bytes(public)
    return folder / f"{name}.private.pem", folder / f"{name}.public.pem"


@pytest.fixture
def keys(tmp_path):
    return write_keys(tmp_path, "mine", ed25519.Ed25519PrivateKey.generate())


@pytest.fixture
def models(tmp_path):
    shutil.copytree(registry.resolve(), tmp_path / "models" / "m-1")
    return tmp_path / "models"


def test_signed_is_loaded_and_unsigned_is_not(models, keys):
    """With a key asked for, a version loads once it is signed; without, it always does."""
    private, public = keys
    with pytest.raises(dc.ArtifactError, match="the model is not signed"):
        dc.load("m-1", models=models, public_key=public)
    signing.sign(models / "m-1", private)
    assert dc.load("m-1", models=models, public_key=public).classify("Dam.")
    assert versioning.verify(models, public_key=public) == []
    assert dc.load("m-1", models=models)


def test_another_key_or_model_is_refused(models, keys, tmp_path):
    """The signature of another holder, or of another manifest, does not do."""
    private, public = keys
    _, other = write_keys(tmp_path, "other", ed25519.Ed25519PrivateKey.generate())
    signing.sign(models / "m-1", private)
    with pytest.raises(dc.ArtifactError, match="another key signed it"):
        dc.load("m-1", models=models, public_key=other)
    (fault,) = versioning.verify(models, public_key=other)
    assert "m-1.sig" in fault
    manifest = models / "m-1" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    with pytest.raises(dc.ArtifactError, match=r"m-1\.sig: does not match"):
        dc.load("m-1", models=models, public_key=public)
    (models / "m-1.sig").write_text("no signature")
    with pytest.raises(dc.ArtifactError, match=r"m-1\.sig: not a signature"):
        dc.load("m-1", models=models, public_key=public)


def test_what_is_no_key_is_named(models, keys, tmp_path):
    """A missing file, a text, a key of another kind and the wrong half are told apart."""
    private, public = keys
    signing.sign(models / "m-1", private)
    text = tmp_path / "text.pem"
    text.write_text("no key")
    other, _ = write_keys(tmp_path, "ec", ec.generate_private_key(ec.SECP256R1()))
    for path, message in [
        (tmp_path / "none.pem", "No such file or directory; expected a private key"),
        (text, "not a private key"),
        (public, "not a private key"),
        (other, "another kind of key; expected an Ed25519 private key"),
    ]:
        with pytest.raises(dc.DirectiveClfError, match=message):
            signing.sign(models / "m-1", path)


def test_a_damaged_model_is_not_signed(models, keys):
    """A signature says that the model was sound."""
    (models / "m-1" / "vocabulary.txt").write_text("x")
    with pytest.raises(dc.ArtifactError, match=r"vocabulary\.txt"):
        signing.sign(models / "m-1", keys[0])
    assert not (models / "m-1.sig").exists()
