"""`python -m bot parse`: one message a line in, one JSON object a line out."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Dict, TextIO

from rasa.core.channels.channel import UserMessage

from bot.channels.door import clean
from bot.shell.session import Assistant


async def read_message(assistant: Assistant, text: str) -> Dict[str, Any]:
    """Returns how a message is read as the first one of a conversation, and the names of the responses that answer it."""
    parsed = await assistant.agent.processor.parse_message(UserMessage(clean(text)))
    conversation = assistant.conversation()
    turn = await conversation.say(text)
    await assistant.forget(conversation.id)
    return {
        "text": text,
        "intent": parsed["intent"]["name"],
        "confidence": round(parsed["intent"]["confidence"], 4),
        "ranking": [
            {"intent": entry["name"], "confidence": round(entry["confidence"], 4)} for entry in parsed["intent_ranking"]
        ],
        "questions": parsed.get("questions", []),
        "urgency": parsed.get("urgency", "none"),
        "responses": turn.names,
    }


def parse_lines(lines: TextIO, out: TextIO) -> int:
    """Reads until the end of the input; an empty line is a message too."""
    assistant = Assistant()

    async def run() -> None:
        for line in lines:
            result = await read_message(assistant, line.rstrip("\r\n"))
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            out.flush()

    asyncio.run(run())
    return 0
