"""A real headless Chromium, to load pages in, click in them and print them.

It is the one that kaleido 0.2.1 carries in its wheel, with every library it needs, so that a bare
machine has it by ``pip install`` alone. kaleido is made to draw plots: it runs the script
``js/kaleido_scopes.js`` of the folder that it starts in, and calls a function of it for each line
of JSON that it reads. Ours loads a page in a frame and does there what a test asks for.
"""

import base64
import contextlib
import importlib.util
import json
import os
import signal
import stat
import subprocess
import threading
from pathlib import Path

STARTS = 10
PATIENCE_AT_START = 15
PATIENCE = 120
"""Seconds until a browser that says nothing is ended; it takes a tenth of one."""

SCRIPT = """
window.kaleido_scopes = {
  async plotly({data, format}) {
    try {
      if (format === "pdf") {  // of the page itself, as its reader prints it
        // Not document.write(): kaleido starts anew when a document has loaded.
        const page = new DOMParser().parseFromString(data.html, "text/html").documentElement;
        document.replaceChild(document.adoptNode(page), document.documentElement);
        return {code: 0, message: "", format, result: null, pdfBgColor: null,
                width: data.width, height: data.height};
      }
      delete window.ran;  // what an attack of an earlier page left
      const before = [...document.querySelectorAll("iframe")];
      before.slice(0, -1).forEach(frame => frame.remove());  // we may be called from the last one
      before.slice(-1).forEach(frame => { frame.style.display = "none"; });
      const frame = document.createElement("iframe");
      frame.style = `border: 0; width: ${data.width}px; height: ${data.height}px`;
      frame.src = data.url;
      const loaded = new Promise(resolve => { frame.onload = resolve; });
      document.body.append(frame);
      await loaded;
      frame.contentWindow.kaleido_scopes = window.kaleido_scopes;  // kaleido calls the latest frame
      await new Promise(resolve => setTimeout(resolve, 50));  // what a page starts by itself
      const run = new Function("window", "document", `return (async () => {${data.code}})()`);
      const result = await run(frame.contentWindow, frame.contentDocument);
      return {code: 0, message: "", format, result: JSON.stringify(result), pdfBgColor: null};
    } catch (error) {
      return {code: 1, message: String(error), format: "json", result: null, pdfBgColor: null};
    }
  }
};
"""

TOOLS = """
const all = selector => [...document.querySelectorAll(selector)];
const isSeen = e =>
  e.getClientRects().length > 0 && window.getComputedStyle(e).visibility != "hidden";
const click = selector => {  // as a hand does: what lies on top at its middle is what is hit
  const e = document.querySelector(selector);
  e.scrollIntoView({block: "center"});
  const box = e.getClientRects()[0];
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!hit || !(e.contains(hit) || hit.contains(e))) throw `${selector} is covered`;
  hit.click();
};
const style = (selector, name) =>
  window.getComputedStyle(document.querySelector(selector)).getPropertyValue(name).trim();
"""


class Browser:
    """Loads a page a call; the page is a file, and nothing but its own policy holds it back."""

    def __init__(self, folder: Path) -> None:
        (folder / "js").mkdir()
        (folder / "js" / "kaleido_scopes.js").write_text(SCRIPT, encoding="utf-8")
        self._folder = folder
        spec = importlib.util.find_spec("kaleido")
        home = Path(spec.origin).parent / "executable"
        program = home / "bin" / "kaleido"
        program.chmod(program.stat().st_mode | stat.S_IXUSR)  # installers drop it
        command = [
            program, "plotly", "--no-sandbox", "--disable-gpu", "--disable-breakpad",
            "--allow-file-access-from-files", "--disable-dev-shm-usage",
        ]  # fmt: skip
        environment = {
            **os.environ, "LD_LIBRARY_PATH": str(home / "lib"),
            "FONTCONFIG_PATH": str(home / "etc" / "fonts"), "XDG_DATA_HOME": str(home / "xdg"),
        }  # fmt: skip
        # On a busy machine one start in twenty misses that its own page has loaded, and waits.
        for _ in range(STARTS):
            self._process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            if self._read(PATIENCE_AT_START):
                return
            self.close()
        raise AssertionError(f"the browser did not start, {STARTS} times")

    def run(self, html: str, code: str, width: int = 1100, height: int = 900):
        """Load a page, run the body of an async function in it, and return what it returns."""
        page = self._folder / "page.html"
        page.write_text(html, encoding="utf-8")
        data = {"url": page.as_uri(), "code": TOOLS + code, "width": width, "height": height}
        return json.loads(self.ask({"format": "json", "data": data}))

    def close(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._end()
        self._process.wait(10)

    def ask(self, request):
        """Send a request; return what comes back of it."""
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = self._read(PATIENCE)
        assert answer is not None, "the browser is gone, or was too slow"
        assert answer["code"] == 0, answer["message"]
        return answer["result"]

    def _read(self, patience):
        """Return the next answer; None where the browser gives none, and is ended."""
        timer = threading.Timer(patience, self._end)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        return json.loads(line) if line else None

    def _end(self) -> None:
        """End the browser and the processes that it started, which hold its output open."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def print_page(folder: Path, html: str) -> bytes:
    """Return a page as PDF, as its reader would print it.

    By a browser of its own: the page takes the place of the one that kaleido speaks with.
    """
    browser = Browser(folder)
    try:
        data = {"html": html, "width": 800, "height": 1100}
        return base64.b64decode(browser.ask({"format": "pdf", "data": data}))
    finally:
        browser.close()
