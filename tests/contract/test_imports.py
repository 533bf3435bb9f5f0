"""Importing does nothing, and labelling a paragraph imports nothing heavy."""

import json
import subprocess
import sys

import directive_clf as dc

HEAVY = {"sklearn", "scipy", "pandas", "nltk", "joblib", "matplotlib", "tqdm", "click"}


def loaded_by(code):
    """The top-level modules that a fresh interpreter has after running `code`."""
    code += "\nimport sys, json; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(out.stdout.splitlines()[-1]))


def test_import_is_light():
    """``import directive_clf`` does not even import numpy."""
    assert not loaded_by("import directive_clf") & (HEAVY | {"numpy"})


def test_classifying_imports_numpy_only():
    """Classifying, explaining and splitting an article need numpy and the standard library."""
    code = (
        "import directive_clf as dc\n"
        "dc.classify('x'); dc.classify_many(['x']); dc.classify_article('x')\n"
        "dc.load().explain('x')"
    )
    loaded = loaded_by(code)
    assert "numpy" in loaded
    assert not loaded & HEAVY


def test_no_socket_is_opened():
    """Nothing on the way of a label opens a connection."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import directive_clf as dc; dc.classify('x')"
    )
    assert "numpy" in loaded_by(code)


def test_public_names_resolve():
    """Each name in the sorted ``__all__`` is there, and ``dir`` shows it."""
    assert len(set(dc.__all__)) == len(dc.__all__)
    assert {name for name in dc.__all__ if getattr(dc, name) is not None} <= set(dir(dc))
    assert set(dc._HOME) <= set(dc.__all__)
