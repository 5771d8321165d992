"""python -m deploy.cluster: runs the cluster until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import List, Optional

from bot.errors import AssistantError
from bot.server.logs import configure_logs
from bot.settings import ROOT
from deploy.cluster.cluster import Cluster, running_cluster

LOOK_EVERY_SECONDS = 1.0


def main(argv: Optional[List[str]] = None) -> int:
    """Starts everything, says where it is, and stops it at Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m deploy.cluster", description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "cluster", help="for database, keys, logs and mail")
    parser.add_argument("--port", type=int, default=8443, help="of the proxy, on 127.0.0.1")
    arguments = parser.parse_args(argv)
    configure_logs("WARNING")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print("Starting PostgreSQL, the migration, two assistants, a worker and the proxy: half a minute…", flush=True)
        with running_cluster(arguments.folder.resolve(), arguments.port) as cluster:
            try:
                _watch(cluster)
            except KeyboardInterrupt:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                print("\nStopping: messages that are being answered are finished…", flush=True)
    except KeyboardInterrupt:
        print("\nStopped before it was ready.", file=sys.stderr)
        return 130
    except AssistantError as error:
        print(f"{error}", file=sys.stderr)
        return 2
    print("All of it has ended.")
    return 0


def _watch(cluster: Cluster) -> None:
    print(
        f"""Ready: {cluster.address} (the browser warns of the certificate: it is this machine's own)
  curl --cacert {cluster.certificate} {cluster.address}/webhooks/rest/webhook \\
    -H 'Content-Type: application/json' -d '{{"sender": "me", "message": "Is it safe?"}}'
  logs {cluster.folder / "logs"}, mail {cluster.folder / "data" / "mail"}
  kill -9 {cluster.assistants[0].pid} ends an assistant; it is started again. Ctrl-C ends all of it.""",
        flush=True,
    )
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        cluster.start_again()


if __name__ == "__main__":
    sys.exit(main())
