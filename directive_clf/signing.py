"""Signatures of versions with a key that the user holds (Ed25519), by the extra ``signing``.

What is signed is ``manifest.json``, which holds the SHA-256 of every other file. The signature
stands beside the version folder, as ``NAME.sig``, so that the folder is not touched. Keys are PEM
files as any tool makes them: ``openssl genpkey -algorithm ed25519 -out private.pem`` and
``openssl pkey -in private.pem -pubout -out public.pem``.
"""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

from . import persistence
from .exceptions import ArtifactError, DirectiveClfError
from .files import open_whole

__all__ = ["check_signature", "sign", "signature_path"]


def signature_path(path: str | Path) -> Path:
    """Return where the signature of a model folder stands."""
    path = Path(path).resolve()
    return path.with_name(path.name + ".sig")


def sign(path: str | Path, private_key: str | Path) -> Path:
    """Sign a model folder, after loading it, and return the path of the signature.

    Raises
    ------
    ArtifactError
        If the model does not load.
    DirectiveClfError
        If the key cannot be read, or the library for it is not installed.
    """
    persistence.load(path)
    key = _read_key(private_key, private=True)
    signature = base64.b64encode(key.sign(_signed(path))).decode()
    with open_whole(signature_path(path)) as out:
        out.write(signature + "\n")
    return signature_path(path)


def check_signature(path: str | Path, public_key: str | Path) -> None:
    """Raise :class:`ArtifactError` unless a model folder is signed by the holder of a key."""
    key = _read_key(public_key, private=False)
    place = signature_path(path)
    try:
        signature = base64.b64decode(place.read_bytes().strip(), validate=True)
    except FileNotFoundError:
        raise ArtifactError(
            f"{place}: no such file; the model is not signed: sign it (models sign), or load it"
            " without asking for a signature"
        ) from None
    except (OSError, binascii.Error) as error:
        raise ArtifactError(f"{place}: not a signature ({error}); sign the model anew") from None
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(signature, _signed(path))
    except InvalidSignature:
        raise ArtifactError(
            f"{place}: does not match {Path(path) / persistence.MANIFEST} and the key {public_key}:"
            " the model was changed after it was signed, or another key signed it; do not use it"
        ) from None


def _signed(path: str | Path) -> bytes:
    place = Path(path) / persistence.MANIFEST
    try:
        return place.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{place}: {error.strerror}; a model is a whole folder") from None


def _read_key(path: str | Path, *, private: bool) -> Any:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ed25519
    except ImportError:
        raise DirectiveClfError(
            "signatures need the library cryptography: pip install 'directive-clf[signing]'"
        ) from None
    half = "private" if private else "public"
    wanted = ed25519.Ed25519PrivateKey if private else ed25519.Ed25519PublicKey
    try:
        content = Path(path).read_bytes()
        key = (
            serialization.load_pem_private_key(content, password=None)
            if private
            else serialization.load_pem_public_key(content)
        )
    except OSError as error:
        raise DirectiveClfError(f"{path}: {error.strerror}; expected a {half} key") from None
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        reason = str(error).partition("\n")[0]
        raise DirectiveClfError(
            f"{path}: not a {half} key ({reason}); expected an Ed25519 key in PEM, without password"
        ) from None
    if not isinstance(key, wanted):
        raise DirectiveClfError(f"{path}: another kind of key; expected an Ed25519 {half} key")
    return key
