"""nginx in front of the cluster, with the configuration that docker compose has; only places and ports are its own."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Sequence

from bot.errors import AssistantError
from bot.settings import ROOT
from deploy.cluster.part import Program, listens

CONFIGURATION = ROOT / "deploy" / "proxy" / "nginx.conf"
FAILS = "max_fails=1 fail_timeout=2s"
POOLS = {
    "assistant": ("least_conn", FAILS),
    "assistant_by_address": ("hash $remote_addr consistent", FAILS),
    "assistant_another": ("least_conn", "max_fails=0"),
}
"""How an assistant is chosen, and when it is left alone; as in deploy/proxy/compose/http.conf."""


class NoProxy(AssistantError):
    """nginx is not there; the message says how to get it."""


def proxy(folder: Path, secrets: Path, port: int, assistants: Sequence[int]) -> Program:
    """Writes the folder that nginx runs in, and returns it, to be started.

    Args:
        folder: is made.
        secrets: what `deploy/set-up` has made: names and certificate.
        port: to listen on, with TLS.
        assistants: their ports.

    Raises:
        NoProxy: nginx is not installed.
    """
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if nginx is None:
        raise NoProxy("nginx is needed: install it (Debian: apt-get install nginx-light) and try again.")
    folder.mkdir(parents=True, exist_ok=True)
    for path in (CONFIGURATION, secrets / "names.conf"):
        shutil.copy(path, folder / path.name)
    (folder / "http.conf").write_text(
        "".join(_pool(name, *how, assistants) for name, how in POOLS.items()), encoding="utf-8"
    )
    (folder / "listen.conf").write_text(
        f"listen 127.0.0.1:{port} ssl;\n"
        f"ssl_certificate {secrets / 'tls_certificate'};\n"
        f"ssl_certificate_key {secrets / 'tls_key'};\n",
        encoding="utf-8",
    )
    # Its workers would otherwise run as a user who may not enter the folder.
    user = " user root;" if os.geteuid() == 0 else ""
    command = [nginx, "-e", "stderr", "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", f"daemon off;{user}"]
    return Program(command, dict(os.environ), lambda: listens(port), signal.SIGQUIT)


def _pool(name: str, choice: str, fails: str, assistants: Sequence[int]) -> str:
    servers = "".join(f"  server 127.0.0.1:{port} {fails};\n" for port in assistants)
    return f"upstream {name} {{\n  zone {name} 256k;\n  {choice};\n{servers}}}\n"
