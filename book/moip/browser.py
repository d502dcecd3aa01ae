"""A Chromium and a small web server, for everything that looks at the built site the way a reader's browser does."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["ALONE", "FLAGS", "SERVED_AS_TEXT", "browser", "compressed", "launch", "serve"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""For a browser that runs as root in a container and asks nobody for anything but the pages it is given."""
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No other host's name resolves, so that a page that asks for one is found out and nothing leaves the machine."""
SERVED_AS_TEXT = frozenset({".html", ".css", ".js", ".svg", ".json", ".csv", ".txt", ".ipynb", ".xml", ".inv"})
"""What a web host sends compressed."""


def browser() -> str | None:
    """The path of a Chromium or Chrome on this machine (``BROWSER_PATH`` first), or None."""
    if path := os.environ.get("BROWSER_PATH"):
        return path
    return next((p for b in (*BROWSERS, *MAC_BROWSERS) if (p := shutil.which(b))), None)


@contextlib.contextmanager
def launch() -> Iterator[Browser]:
    """A headless Chromium under Playwright, with a profile of its own; ``FileNotFoundError`` when the machine has none."""
    from playwright.sync_api import sync_playwright

    path = browser()
    if path is None:
        raise FileNotFoundError("no Chromium or Chrome found: install one, or name it in BROWSER_PATH")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=[*FLAGS, ALONE])
        try:
            yield running
        finally:
            running.close()


@lru_cache(maxsize=1024)
def compressed(path: str, _changed_ns: int) -> bytes:
    """A file as gzip, at the level that web hosts use."""
    return gzip.compress(Path(path).read_bytes(), 6, mtime=0)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of one folder, text compressed when the browser takes gzip, connections kept, nothing logged."""

    protocol_version = "HTTP/1.1"
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".csv": "text/csv; charset=utf-8",
        ".ipynb": "application/json",
        ".svg": "image/svg+xml",
    }

    def do_GET(self) -> None:
        """Answer with the file, its length known so that the connection can stay open."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """Answer with the headers of the file."""
        self._answer(body=False)

    def _answer(self, body: bool) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir() and not self.path.split("?")[0].split("#")[0].endswith("/"):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", self.path.split("?")[0] + "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if path.is_dir():
            path = path / "index.html"
        if not path.is_file():
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        zipped = path.suffix in SERVED_AS_TEXT and "gzip" in self.headers.get("Accept-Encoding", "")
        content = compressed(str(path), path.stat().st_mtime_ns) if zipped else path.read_bytes()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Vary", "Accept-Encoding")
        if zipped:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if body:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    """A server that does not wait for idle browsers when it stops."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """A browser that hangs up is no error."""


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve ``folder`` on this machine alone; gives the address, without a slash at its end."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder")

    def handler(*words: Any) -> Handler:
        return Handler(*words, directory=str(folder))

    server = Server(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
