"""A wheel is all that a user needs: it carries the model, and classifies offline."""

import shutil
import subprocess
import sys

import pytest

from ..conftest import ROOT

PARTS = [
    "directive_clf",
    "models",
    "training_data",
    "setup.cfg",
    "pyproject.toml",
    "README.md",
    "LICENSE",
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder into which a wheel of this tree was installed."""
    base = tmp_path_factory.mktemp("wheel")
    source = base / "source"
    source.mkdir()
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, source / name)
    build = ["-m", "build", "--wheel", "--no-isolation", "--outdir", base, source]
    subprocess.run([sys.executable, *build], check=True, capture_output=True)
    (wheel,) = base.glob("*.whl")
    install = ["-m", "pip", "install", "--no-deps", "--no-index", "--target", base / "site", wheel]
    subprocess.run([sys.executable, *install], check=True, capture_output=True)
    return base / "site"


def test_a_wheel_classifies_offline_elsewhere(installed, tmp_path):
    """Installed and run from another folder, with no way to a network, it loads and answers."""
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise AssertionError('network')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import directive_clf as dc\n"
        "print(dc.__file__, dc.classify('The line entered service after six years of work.').main)"
    )
    out = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PYTHONPATH": str(installed)},
    )
    place, main = out.stdout.split()
    assert place.startswith(str(installed))
    assert main == "major_projects"


def test_the_shipped_models_are_not_written_to(installed, tmp_path):
    """Training with the installed package asks for a registry, and leaves the shipped one alone."""
    before = sorted(p.name for p in (installed / "directive_clf" / "models").iterdir())
    code = "from directive_clf.cli import main; main('train', '--data', 'mine.jsonl')"
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert out.returncode == 1
    assert "name a registry with --models" in out.stderr
    assert sorted(p.name for p in (installed / "directive_clf" / "models").iterdir()) == before
