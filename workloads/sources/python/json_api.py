"""The native twin of lang/json-api-python: python3 json_api.py ADDRESS."""

import socket
import sys

# The directory of the sources is not a place for compiled files.
sys.dont_write_bytecode = True

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import json_api_logic


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One write an answer, and no waiting for acknowledgements (RFC 896).
    wbufsize = -1
    disable_nagle_algorithm = True

    def respond(self) -> None:
        # As it was sent: `self.path` has slashes at its beginning folded.
        target = self.requestline.split(" ")[1]
        status, headers, text = json_api_logic.answer(self.command, target, self.content())
        data = text.encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else data)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = respond

    def content(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", "0")))
        # RFC 9112, 7.1; http.server leaves it to us.
        data = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            data += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        return data

    def send_header(self, keyword: str, value: str) -> None:
        # Python's own "server" header says what the twin runs on; a component
        # has none.
        if keyword != "Server":
            super().send_header(keyword, value)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: json_api.py ADDRESS, for example 127.0.0.1:8080", file=sys.stderr)
        return 2
    host, _, port = sys.argv[1].rpartition(":")
    host = host.strip("[]")
    if ":" in host:
        Server.address_family = socket.AF_INET6
    Server((host, int(port)), Handler).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
