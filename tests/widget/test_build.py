"""The built files are what the source builds, and small; the types are right. What is checked: widget/build.mjs"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WIDGET = ROOT / "widget"


def test_the_committed_files_are_what_the_source_builds_and_keep_to_their_budget() -> None:
    done = subprocess.run(["npm", "run", "--silent", "check"], cwd=WIDGET, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_versions_are_exact_and_the_lock_names_no_registry() -> None:
    package = json.loads((WIDGET / "package.json").read_text(encoding="utf-8"))
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert "://" not in (WIDGET / "package-lock.json").read_text(encoding="utf-8")
