from __future__ import annotations

import sys
from pathlib import Path

# Without __init__.py in tests/, the shared samples are a plain module beside the tests.
sys.path.insert(0, str(Path(__file__).parent))
