"""The command line: python -m bot COMMAND. Each command's module is imported only when it is called: Rasa takes seconds."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Callable, Dict, List, Optional

from bot.channels.messaging.handover_arguments import add_handover_arguments
from bot.evaluation.load_arguments import add_load_arguments, add_soak_arguments
from bot.handoff.enquiry_arguments import add_enquiry_arguments, add_worker_arguments
from bot.handoff.provider_arguments import add_provider_arguments

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("TQDM_DISABLE", "1")


def serve(arguments: argparse.Namespace) -> int:
    """Trains if needed, then serves; with --no-train refuses a model that is missing, stale or changed."""
    from bot.privacy.encryption import vault
    from bot.server.app import build_app, run
    from bot.server.logs import configure_logs
    from bot.server.metrics import note_model
    from bot.server.metrics_page import serving_metrics
    from bot.server.model import MODEL, check, fingerprint, train
    from bot.settings import clinic, settings
    from bot.storage.database import engine

    configure_logs(settings().log_level)
    facts = clinic()
    vault()
    engine()
    if arguments.no_train:
        check()
    else:
        train()
    note_model(fingerprint())
    app = build_app(settings(), facts, MODEL)
    with serving_metrics(settings()):
        run(app, settings())
    return 0


def train_model(arguments: argparse.Namespace) -> int:
    """Trains the model if it is missing or stale."""
    from bot.server.logs import configure_logs
    from bot.server.model import MODEL, train

    configure_logs("INFO")
    seconds = train(force=arguments.force)
    print(f"{MODEL}: trained in {seconds:.0f} s" if seconds else f"{MODEL}: up to date")
    return 0


def shell(arguments: argparse.Namespace) -> int:
    """Talks in the terminal."""
    from bot.shell.repl import run_shell

    return run_shell()


def parse(arguments: argparse.Namespace) -> int:
    """Reads one message a line, writes one JSON object a line."""
    from bot.shell.parse import parse_lines

    with (
        open(0, encoding="utf-8", errors="replace", newline="\n", closefd=False) as lines,
        open(1, "w", encoding="utf-8", errors="replace", newline="\n", closefd=False) as out,
    ):
        return parse_lines(lines, out)  # UTF-8 whatever the locale; odd bytes are replaced


def check(arguments: argparse.Namespace) -> int:
    """Names what is missing or does not agree among examples, rules, answers and labels."""
    from bot.knowledge.consistency import problems

    found = problems()
    for problem in found:
        print(f"- {problem}")
    print("Everything agrees." if not found else f"{len(found)} things to mend.")
    return 1 if found else 0


def questions(arguments: argparse.Namespace) -> int:
    """Lists or clears the questions that the assistant could not answer."""
    from bot.handoff.open_questions import clear_open_questions, open_questions

    if arguments.action == "clear":
        print(f"{clear_open_questions()} deleted")
        return 0
    for noted in open_questions():
        print(f"{noted.noted_at}  {noted.times:>3} x  {noted.reason:<15} {noted.text}")
    return 0


def providers(arguments: argparse.Namespace) -> int:
    """Keeps the directory of providers: docs/providers.md."""
    from bot.handoff.provider_commands import run_providers

    return run_providers(arguments)


def enquiries(arguments: argparse.Namespace) -> int:
    """Lists enquiries, and sends again, acknowledges or closes one: docs/enquiries.md."""
    from bot.handoff.enquiry_commands import run_enquiries

    return run_enquiries(arguments)


def handover(arguments: argparse.Namespace) -> int:
    """Lists conversations on messaging apps; takes one over, writes there, gives it back: docs/handing-over.md."""
    from bot.channels.messaging.handover_commands import run_handover

    return run_handover(arguments)


def worker(arguments: argparse.Namespace) -> int:
    """Delivers enquiries and follows them up, until it is stopped."""
    from bot.handoff.enquiry_commands import run_worker_command
    from bot.server.logs import configure_logs
    from bot.server.metrics import note_delivery
    from bot.server.metrics_page import serving_metrics
    from bot.settings import settings

    configure_logs(settings().log_level)
    with serving_metrics(settings()):
        return run_worker_command(arguments, tell=note_delivery)


def database(arguments: argparse.Namespace) -> int:
    """Brings the database to the newest migration, or checks that it is there (exit code 1 when it is behind)."""
    from bot.storage.database import opened

    made, behind = opened(upgrade=arguments.action == "upgrade")
    made.dispose()
    print("The database is behind: run `python -m bot database upgrade`." if behind else "The database is up to date.")
    return 1 if behind else 0


def privacy(arguments: argparse.Namespace) -> int:
    """Shows or erases what is held about a person, deletes by age, changes keys: docs/privacy.md."""
    from bot.privacy.commands import run

    return run(arguments)


def evaluate(arguments: argparse.Namespace) -> int:
    """Measures the understanding on the development samples."""
    from bot.evaluation.evaluate import run_evaluation

    return run_evaluation(stock=arguments.stock, gate=arguments.gate)


def bench(arguments: argparse.Namespace) -> int:
    """Measures speed and memory."""
    from bot.evaluation.bench import run_bench

    return run_bench(stock=arguments.stock)


def bench_load(arguments: argparse.Namespace) -> int:
    """Measures turns a second and waiting times with many visitors, by one server and by two."""
    from bot.evaluation.load_bench import LoadPlan, run_bench_load

    return run_bench_load(LoadPlan(sorted(set(arguments.visitors)), arguments.seconds, arguments.stock))


def soak(arguments: argparse.Namespace) -> int:
    """Looks for leaks and slowness over many turns; exit code 1 when it finds some."""
    from bot.evaluation.soak import SoakPlan, run_soak

    return run_soak(SoakPlan(arguments.turns))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    runs: Dict[str, Callable[[argparse.Namespace], int]] = {
        "serve": serve,
        "train": train_model,
        "shell": shell,
        "parse": parse,
        "check": check,
        "questions": questions,
        "providers": providers,
        "enquiries": enquiries,
        "handover": handover,
        "worker": worker,
        "database": database,
        "privacy": privacy,
        "eval": evaluate,
        "bench": bench,
        "bench-load": bench_load,
        "soak": soak,
    }
    for name, function in runs.items():
        command = commands.add_parser(name, help=function.__doc__)
        command.set_defaults(function=function)
        if name == "serve":
            command.add_argument("--no-train", action="store_true", help="load the model that is there, or end")
        if name == "train":
            command.add_argument("--force", action="store_true", help="also when the model is up to date")
        if name == "questions":
            command.add_argument("action", choices=["list", "clear"])
        if name == "database":
            command.add_argument("action", choices=["upgrade", "check"])
        if name in ("eval", "bench"):
            command.add_argument("--stock", action="store_true", help="beside Rasa's default pipeline, in the same run")
        if name == "eval":
            command.add_argument("--gate", action="store_true", help="fail when a figure is below its bar")
    add_provider_arguments(commands.choices["providers"])
    add_enquiry_arguments(commands.choices["enquiries"])
    add_handover_arguments(commands.choices["handover"])
    add_worker_arguments(commands.choices["worker"])
    add_load_arguments(commands.choices["bench-load"])
    add_soak_arguments(commands.choices["soak"])
    commands.choices["privacy"].add_argument("action", choices=["expire", "show", "erase", "rotate", "new-key"])
    commands.choices["privacy"].add_argument(
        "contact", nargs="?", help="phone number or email address; - reads it from the input"
    )
    return parser


def main(argv: Optional[List[str]] = None) -> int:
    """Runs a command and returns its exit code; a known error is one line, not a stack trace."""
    from bot.errors import AssistantError
    from bot.server.logs import configure_logs

    arguments = _parser().parse_args(argv)
    configure_logs("WARNING")
    try:
        return int(arguments.function(arguments))
    except AssistantError as error:
        print(f"{error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
