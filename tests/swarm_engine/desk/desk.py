"""Answers on a port with what the application would ask of the services beside it: a count from Redis, a line from PostgreSQL, else its name."""

import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer


def counted():
    with socket.create_connection((os.environ["REDIS_HOST"], 6379), timeout=3) as link:
        link.sendall(b"INCR hits\r\n")
        return "seen " + link.recv(64).decode().strip().lstrip(":")


def stored():
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as link:
        return "\n".join(line for (line,) in link.execute("SELECT content FROM message"))


def answer():
    if "REDIS_HOST" in os.environ:
        return counted()
    if "DATABASE_URL" in os.environ:
        return stored()
    return "served by " + socket.gethostname()


def work():
    """Fails, as a worker would, until the broker is there."""
    import pika

    pika.BlockingConnection(pika.ConnectionParameters("rabbitmq"))
    print("worker ready")
    time.sleep(3600)


class Desk(BaseHTTPRequestHandler):
    def do_GET(self):
        body = answer().encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if sys.argv[1:] == ["--work"]:
    work()
else:
    HTTPServer(("", int(os.environ["DESK_PORT"])), Desk).serve_forever()
