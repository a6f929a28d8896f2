"""A real browser for the tests: Chromium through its driver, spoken to over HTTP with the standard library."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

AXE = Path(__file__).resolve().parents[2] / ".venv" / "axe" / "axe_playwright_python" / "axe.min.js"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def missing() -> str:
    """What the machine lacks for these tests, or nothing."""
    for program in ("chromedriver", "chromium"):
        if shutil.which(program) is None:
            return f"{program} is not installed: tools/setup.sh browser"
    return "" if AXE.is_file() else "axe-core is not installed: tools/setup.sh browser"


class Browser:
    """One window; `close` ends it."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="worked-browser-", ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.driver.stdout is not None
        found = None
        while found is None:
            line = self.driver.stdout.readline()
            assert line, "the driver ended before it listened"
            found = re.search(r"successfully on port (\d+)", line)
        self.base = f"http://127.0.0.1:{found[1]}"
        options = {"args": [*FLAGS, f"--user-data-dir={self.folder.name}"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options, "timeouts": {"script": 150_000}}}}
        self.base += "/session/" + self._send("/session", wanted)["sessionId"]

    def _send(self, path: str, body: object, method: str = "POST") -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=180) as answer:
            return json.load(answer)["value"]

    def command(self, name: str, **parameters: object) -> Any:
        """A command of the browser's own protocol."""
        return self._send("/goog/cdp/execute", {"cmd": name, "params": parameters})

    def open(self, page: Path, width: int = 1000, scheme: str = "light") -> None:
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._send("/url", {"url": page.as_uri()})

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns; a promise is waited for."""
        return self._send("/execute/sync", {"script": script, "args": list(arguments)})

    def until(self, script: str, met: Callable[[Any], bool]) -> bool:
        """Whether what the script returns comes to be as wanted, before long."""
        for _ in range(100):
            if met(self.run(script)):
                return True
            time.sleep(0.05)
        return False

    def press(self, key: str, code: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            self.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=text)

    def picture(self, file: Path) -> None:
        """The whole page as PNG."""
        data = self.command("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"]
        file.write_bytes(base64.b64decode(data))

    def close(self) -> None:
        try:
            self._send("", None, "DELETE")
        finally:
            self.driver.terminate()
            self.driver.wait(timeout=20)
            self.folder.cleanup()
