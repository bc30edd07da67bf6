"""`GET /shout?text=hello` has the worker shout, and answers with what it says."""

import json
import sys
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from app.redis import Redis

RESULT_SECONDS = "30"


class Handler(BaseHTTPRequestHandler):
    """One request, on a connection of its own to the database."""

    def do_GET(self) -> None:
        """Answers a request, or says what is wrong with it."""
        url = urlsplit(self.path)
        try:
            if url.path == "/health":
                self._answer(200, self._ask("PING"))
            elif url.path == "/shout":
                self._shout(parse_qs(url.query).get("text", [""])[0])
            else:
                self._answer(404, "there is `/shout?text=…`, and `/health`")
        except OSError as error:
            self._answer(503, f"the database is away: {error}")

    def _shout(self, text: str) -> None:
        job = {"id": str(uuid.uuid4()), "text": text[:1000]}
        self._ask("RPUSH", "jobs", json.dumps(job))
        result = self._ask("BLPOP", f"results:{job['id']}", RESULT_SECONDS)
        if result is None:
            self._answer(504, "no worker has had the time")
        else:
            self._answer(200, result[1])

    def _ask(self, *words: str) -> object:
        with Redis() as redis:
            return redis(*words)

    def _answer(self, status: int, text: object) -> None:
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
