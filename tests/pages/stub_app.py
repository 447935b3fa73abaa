"""The app with the set replies of `stub` in place of the assistant; run by the browser tests."""

import runpy
import sys
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.pages.stub import StubAssistant  # noqa: E402

chain = sys.modules.setdefault("assistant.chain", ModuleType("assistant.chain"))
if not hasattr(chain, "stub"):
    chain.stub = StubAssistant()  # type: ignore[attr-defined]
    chain.open_assistant = lambda: chain.stub  # type: ignore[attr-defined]
runpy.run_path(str(ROOT / "app.py"))
