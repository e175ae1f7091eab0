"""Gemini's real client against a server on the loopback interface that answers well, badly, or never."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conversation.conversation import Conversation
from settings import Settings
from storage.queries import turns
from tests.conversation.support import of_type, reply, status, told

NEVER = None


class Provider:
    """Answers each request with the next of `answers`: a status and a JSON body, or never."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, dict[str, Any]] | None] = []
        self.requests: list[str] = []
        self.closing = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head.split("\r\n")}
        self.requests.append(head.split("\r\n")[0])
        await reader.readexactly(int(headers.get("content-length", 0)))
        answer = self.answers.pop(0)
        if answer is None:
            await self.closing.wait()
        else:
            code, body = answer
            text = json.dumps(body)
            streamed = "streamGenerateContent" in self.requests[-1] and code == "200 OK"
            content = f"data: {text}\r\n\r\n" if streamed else text
            kind = "text/event-stream" if streamed else "application/json"
            writer.write(
                f"HTTP/1.1 {code}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n"
                f"Connection: close\r\n\r\n{content}".encode()
            )
            await writer.drain()
        writer.close()


@pytest.fixture
async def provider(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Provider]:
    provider = Provider()
    server = await asyncio.start_server(provider.handle, "127.0.0.1", 0)
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield provider
    provider.closing.set()
    server.close()
    await server.wait_closed()


def says(text: str) -> tuple[str, dict[str, Any]]:
    return "200 OK", {
        "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 4, "totalTokenCount": 15},
        "modelVersion": "gemini-2.5-flash",
    }


def refuses(code: int, reason: str, message: str, status: str) -> tuple[str, dict[str, Any]]:
    return f"{code} {reason}", {
        "error": {
            "code": code,
            "message": message,
            "status": status,
            "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
        }
    }


BAD_KEY = refuses(400, "Bad Request", "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT")
LIMITED = refuses(429, "Too Many Requests", "You exceeded your current quota.", "RESOURCE_EXHAUSTED")
OVERLOADED = refuses(503, "Service Unavailable", "The model is overloaded.", "UNAVAILABLE")
UNKNOWN = refuses(404, "Not Found", "models/gemini-9 is not found.", "NOT_FOUND")


@pytest.mark.parametrize(
    ("answer", "message", "hint"),
    [
        pytest.param(BAD_KEY, "refused the key", "GOOGLE_API_KEY", id="a wrong key"),
        pytest.param(LIMITED, "limits the rate", "Wait", id="a rate limit"),
        pytest.param(OVERLOADED, "HTTP 503", "again", id="an overloaded provider"),
        pytest.param(UNKNOWN, "does not know this model", "MODEL", id="an unknown model"),
        pytest.param(NEVER, "too long", "MODEL_TIMEOUT", id="a provider that never answers"),
    ],
)
async def test_a_turn_without_an_answer_fails_with_one_clear_line_and_the_next_one_works(
    settings: Settings, provider: Provider, answer: tuple[str, dict[str, Any]] | None, message: str, hint: str
) -> None:
    with_key = Settings.model_validate(
        {
            **settings.model_dump(),
            "google_api_key": "wrong-key",
            "model": "gemini-2.5-flash",
            "model_timeout": 0.3 if answer is NEVER else 30.0,
        }
    )
    provider.answers = [answer, says("Here I am.")]
    async with Conversation.open(with_key) as conversation:
        events = await told(conversation, "hello")
        assert [event["type"] for event in events] == ["session", "error", "turn"]
        (error,) = of_type(events, "error")
        assert message in error["message"] and hint in error["hint"]
        assert status(events) == "failed"
        conversation_again = await told(conversation, "hello again")
        assert (status(conversation_again), reply(conversation_again)) == ("completed", "Here I am.")
        newest, oldest = await turns.history(conversation.database, conversation.key, limit=9)
    assert (oldest.status, oldest.error) == ("failed", error["message"])
    assert (newest.status, newest.model, newest.prompt_tokens, newest.output_tokens) == (
        "completed",
        "gemini-2.5-flash",
        11,
        4,
    )
    assert len(provider.requests) == 2
    assert "streamGenerateContent" in provider.requests[0]


async def test_a_provider_that_is_not_there_cannot_be_reached(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", f"http://127.0.0.1:{unused_tcp_port}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with_key = Settings.model_validate(
        {**settings.model_dump(), "google_api_key": "some-key", "model": "gemini-2.5-flash"}
    )
    async with Conversation.open(with_key) as conversation:
        events = await told(conversation, "hello")
    assert status(events) == "failed"
    assert [error["message"] for error in of_type(events, "error")] == ["the model's provider cannot be reached"]
