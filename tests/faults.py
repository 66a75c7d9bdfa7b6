"""For the fault tests: processes that are killed at a named point, and a post office that keeps what it was given.

Children are forked from the process that has Django loaded, so that hundreds of kills take seconds.
"""

import os
import signal
import socket
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from asgiref.local import Local
from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, connections
from django.test import override_settings

from accounts import failpoint as points

KILLED = -signal.SIGKILL


class PostOffice(BaseEmailBackend):
    """Writes a line per accepted mail, "Message-ID address", to a file that outlives the process."""

    def send_messages(self, messages):
        for message in messages:
            line = f"{message.extra_headers['Message-ID']} {message.to[0]}\n"
            with Path(settings.POST_OFFICE).open("a", encoding="ascii") as book:
                book.write(line)
        return len(messages)


def accepted() -> Counter:
    """How often the post office was given each Message-ID."""
    book = Path(settings.POST_OFFICE)
    return Counter(line.split()[0] for line in book.read_text().splitlines()) if book.exists() else Counter()


def begin(work: Callable[[], object], *, at: float = 0, **changed: object) -> int:
    """Start a child that does the work, at a moment if one is given; returns its number. ``changed`` are settings."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    # The parent's sockets stay its own, in whatever context they were opened: beside a browser's event loop there are
    # several, and a child that is killed in a transaction on one of them would leave it open.
    connections._connections = Local(connections.thread_critical)
    try:
        points._passed.clear()
        with override_settings(**changed):
            connection.ensure_connection()
            time.sleep(max(0.0, at - time.time()))
            work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def end(child: int) -> int:
    """Wait for a child; its exit code, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def in_child(work: Callable[[], object], failpoint: str = "") -> int:
    """Do the work in a process of its own, killed at the failpoint if one is named."""
    return end(begin(work, FAILPOINT=failpoint))


def together(*works: Callable[[], object]) -> list[int]:
    """Do each in a process of its own, all begun at the same moment."""
    moment = time.time() + 0.15
    return [end(child) for child in [begin(work, at=moment) for work in works]]


class SmtpSink(threading.Thread):
    """A mail server on a free port of this machine that accepts everything and keeps each Message-ID with its recipient."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.accepted: list[tuple[str, str]] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"smtp://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                client, _address = self.listener.accept()
            except OSError:
                return
            with client, client.makefile("rwb", buffering=0) as line, suppress(OSError):
                self.talk(line)

    def talk(self, line) -> None:
        line.write(b"220 sink\r\n")
        recipient = ""
        while command := line.readline():
            word = command[:4].upper()
            if word == b"RCPT":
                recipient = command.split(b"<")[1].split(b">")[0].decode()
            if word == b"DATA":
                line.write(b"354 go on\r\n")
                text = b""
                while not text.endswith(b"\r\n.\r\n"):
                    text += line.readline()
                key = next(row for row in text.decode().splitlines() if row.lower().startswith("message-id:"))
                self.accepted.append((key.split(maxsplit=1)[1], recipient))
            line.write(b"221 bye\r\n" if word == b"QUIT" else b"250 sink\r\n")
            if word == b"QUIT":
                return
