"""What a turn tells: the order and the shape of its events."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from google.adk.models import LlmRequest, LlmResponse
from google.genai import types

from conversation.conversation import Conversation
from conversation.events import AnswerCut
from settings import Settings
from storage.queries import turns
from tests.conftest import Converse
from tests.conversation.support import Gate, of_type, reply, rest_of, status, team, told
from tests.scripted import Play, ScriptedModel, call

SHAPES: dict[str, dict[str, Any]] = {
    "session": {"session_id": str, "resumed": bool},
    "delegation_started": {"id": str, "agent": str, "task": str},
    "delegation_finished": {"id": str, "agent": str, "status": str, "seconds": float},
    "tool_call": {"id": str, "agent": str, "tool": str, "args": dict, "status": str, "seconds": float},
    "text": {"agent": str, "delta": str, "start": bool},
    "reply": {"text": str, "agents": tuple},
    "cut": {"message": str, "hint": str},
    "error": {"message": str, "hint": str},
    "turn": {
        "turn_id": str,
        "status": str,
        "model": str,
        "model_calls": int,
        "prompt_tokens": int,
        "output_tokens": int,
        "seconds": float,
    },
}


async def test_every_event_has_the_documented_shape(converse: Converse) -> None:
    play = team()
    play.manager = {**play.manager, "boom": RuntimeError("kaput")}
    async with converse(play) as conversation:
        events = [event for text in ("both", "one", "boom") for event in await told(conversation, text)]
    events.append(AnswerCut("the answer is not whole", "Ask for less.").to_json())
    assert {event["type"] for event in events} == set(SHAPES)
    for event in events:
        json.dumps(event)
        shape = SHAPES[event["type"]]
        assert list(event) == ["type", *shape]
        for name, type_ in shape.items():
            assert isinstance(event[name], type_), (event, name)


async def test_a_plain_answer_is_session_text_reply_turn(converse: Converse) -> None:
    async with converse(team()) as conversation:
        first = await told(conversation, "hello")
        second = await told(conversation, "again")
    assert [event["type"] for event in first] == ["session", "text", "text", "text", "reply", "turn"]
    assert of_type(first, "session") == [
        {"type": "session", "session_id": conversation.key.session_id, "resumed": False}
    ]
    assert of_type(second, "session")[0]["resumed"] is True
    assert of_type(first, "reply") == [{"type": "reply", "text": "Hello  there,\n*you*!", "agents": ("manager",)}]
    turn = first[-1]
    assert turn.pop("seconds") >= 0 and turn.pop("turn_id")
    assert turn == {
        "type": "turn",
        "status": "completed",
        "model": "scripted",
        "model_calls": 1,
        "prompt_tokens": 10,
        "output_tokens": 3,
    }


async def test_one_delegation_is_the_answer_and_costs_no_more_model_calls(converse: Converse) -> None:
    play = team()
    async with converse(play) as conversation:
        events = await told(conversation, "one")
    assert play.asked == ["manager", "funny_nerd"]
    started, finished = of_type(events, "delegation_started", "delegation_finished")
    assert (started["agent"], started["task"]) == ("funny_nerd", "a joke")
    assert (finished["id"], finished["agent"], finished["status"]) == (started["id"], "funny_nerd", "completed")
    assert of_type(events, "reply") == [
        {"type": "reply", "text": "Why did the **tab** cross the road?", "agents": ("funny_nerd",)}
    ]
    assert {event["agent"] for event in of_type(events, "text")} == {"funny_nerd"}
    assert (events[-1]["model_calls"], events[-1]["prompt_tokens"], events[-1]["output_tokens"]) == (2, 20, 6)


async def test_two_delegations_run_side_by_side_and_make_one_reply(converse: Converse) -> None:
    joke, price = Gate("a joke it is"), Gate("250")
    play = team()
    play.members = {"a joke": joke, "a price": price}
    async with converse(play) as conversation:
        running = asyncio.create_task(told(conversation, "both"))
        await joke.entered.wait()
        await price.entered.wait()  # both are at work, neither has answered
        price.opened.set()
        joke.opened.set()
        events = await running
    kinds = [event["type"] for event in of_type(events, "delegation_started", "delegation_finished")]
    assert kinds == ["delegation_started"] * 2 + ["delegation_finished"] * 2
    assert [event["agent"] for event in of_type(events, "delegation_started")] == ["funny_nerd", "stock_analyst"]
    assert of_type(events, "reply") == [
        {"type": "reply", "text": "manager has 2 answers", "agents": ("funny_nerd", "stock_analyst")}
    ]
    assert sorted(play.asked) == ["funny_nerd", "manager", "manager", "stock_analyst"]
    assert events[-1]["model_calls"] == 4


async def test_a_delegation_that_is_done_first_is_told_first(converse: Converse) -> None:
    joke, price = Gate("a joke it is"), Gate("250")
    play = team()
    play.members = {"a joke": joke, "a price": price}
    finished: list[str] = []
    async with converse(play) as conversation:
        async for event in conversation.send("both"):
            match event.to_json():
                case {"type": "delegation_started", "agent": "stock_analyst"}:
                    price.opened.set()
                case {"type": "delegation_finished", "agent": agent}:
                    finished.append(agent)
                    joke.opened.set()
    assert finished == ["stock_analyst", "funny_nerd"]


@pytest.mark.parametrize("text", ["hello", "one", "both", "mixed", "watch"])
async def test_the_pieces_of_text_are_the_reply(converse: Converse, text: str) -> None:
    async with converse(team()) as conversation:
        events = await told(conversation, text)
    assert "".join(event["delta"] for event in of_type(events, "text")) == reply(events)


async def test_a_model_that_does_not_stream_gives_its_text_in_one_piece(settings: Settings) -> None:
    class Whole(ScriptedModel):
        async def generate_content_async(
            self, llm_request: LlmRequest, stream: bool = False
        ) -> AsyncGenerator[LlmResponse, None]:
            async for response in super().generate_content_async(llm_request, stream=False):
                yield response

    async with Conversation.open(settings, models=lambda _: Whole(script=team())) as conversation:
        for text, agent in (("hello", "manager"), ("one", "funny_nerd"), ("both", "manager")):
            events = await told(conversation, text)
            assert of_type(events, "text") == [{"type": "text", "agent": agent, "delta": reply(events), "start": True}]


async def test_tool_calls_are_told_with_their_arguments_and_status(converse: Converse) -> None:
    async with converse(team()) as conversation:
        watched = await told(conversation, "watch")
        priced = await told(conversation, "both")
    (called,) = of_type(watched, "tool_call")
    assert called.pop("id") and called.pop("seconds") >= 0
    assert called == {
        "type": "tool_call",
        "agent": "manager",
        "tool": "add_to_stock_watchlist",
        "args": {"ticker": "nvda"},
        "status": "completed",
    }
    (called,) = of_type(priced, "tool_call")
    assert (called["agent"], called["tool"], called["args"]) == ("stock_analyst", "get_stock_price", {"ticker": "AAPL"})


async def test_a_tool_that_says_no_has_failed_and_the_model_is_told(converse: Converse) -> None:
    play = Play(manager={"watch": call("add_to_stock_watchlist", ticker="not a ticker")})
    async with converse(play) as conversation:
        events = await told(conversation, "watch")
    assert [event["status"] for event in of_type(events, "tool_call")] == ["failed"]
    assert status(events) == "completed"


async def test_the_words_before_a_delegation_are_not_part_of_the_reply(converse: Converse) -> None:
    play = team()
    play.manager = {"one": [types.Part(text="Let me ask."), call("funny_nerd", request="a joke")]}
    async with converse(play) as conversation:
        events = await told(conversation, "one")
    assert reply(events) == "Why did the **tab** cross the road?"
    assert play.asked == ["manager", "funny_nerd"]


async def test_a_reported_delegation_is_no_delegation_of_the_runner(converse: Converse) -> None:
    play = Play(manager={"note": call("track_agent_delegation", agent_name="bob", task="dig")})
    async with converse(play) as conversation:
        events = await told(conversation, "note")
        (delegation,) = await turns.recent_delegations(conversation.database, conversation.key.user, limit=9)
    assert of_type(events, "delegation_started", "delegation_finished") == []
    assert [event["tool"] for event in of_type(events, "tool_call")] == ["track_agent_delegation"]
    assert (delegation.agent_name, delegation.task, delegation.status) == ("bob", "dig", "delegated")


async def test_a_delegation_that_is_reported_and_seen_is_one(converse: Converse) -> None:
    reported = call("track_agent_delegation", agent_name="funny_nerd", task="a joke")
    seen = call("funny_nerd", request="a joke")
    play = team()
    play.manager = {"before": [reported, seen], "after": [seen, reported]}
    async with converse(play) as conversation:
        for text in ("before", "after"):
            events = await told(conversation, text)
            assert len(of_type(events, "delegation_started")) == len(of_type(events, "delegation_finished")) == 1
        found = await turns.recent_delegations(conversation.database, conversation.key.user, limit=9)
    assert [(d.agent_name, d.task, d.status) for d in found] == [("funny_nerd", "a joke", "completed")] * 2


async def test_a_model_may_number_its_calls_anew_in_every_turn(converse: Converse) -> None:
    numbered = types.Part(function_call=types.FunctionCall(id="call_0", name="funny_nerd", args={"request": "a joke"}))
    play = team()
    play.manager = {"one": numbered}
    async with converse(play) as conversation:
        for _ in range(2):
            assert status(await told(conversation, "one")) == "completed"
        found = await turns.recent_delegations(conversation.database, conversation.key.user, limit=9)
    assert [delegation.status for delegation in found] == ["completed"] * 2


async def test_the_turn_is_in_the_record_as_it_was_told(converse: Converse) -> None:
    async with converse(team()) as conversation:
        events = await told(conversation, "both")
        (turn,) = await turns.history(conversation.database, conversation.key, limit=9)
    assert turn.invocation_id == events[-1]["turn_id"]
    assert (turn.user_input, turn.agent_response, turn.status) == ("both", reply(events), "completed")
    assert turn.agents == ("funny_nerd", "stock_analyst")
    last = events[-1]
    assert (turn.model_calls, turn.prompt_tokens, turn.output_tokens) == (
        last["model_calls"],
        last["prompt_tokens"],
        last["output_tokens"],
    )
    assert turn.seconds == last["seconds"]


async def test_a_turn_costs_as_many_model_calls_as_were_made(converse: Converse) -> None:
    play = team()
    async with converse(play) as conversation:
        for text in ("hello", "one", "both", "mixed", "watch"):
            play.asked.clear()
            events = await told(conversation, text)
            assert events[-1]["model_calls"] == len(play.asked)


async def test_events_are_told_while_the_turn_runs(converse: Converse) -> None:
    gate = Gate()
    async with converse(Play(manager={"slow": call("funny_nerd", request="slow")}, members={"slow": gate})) as talk:
        events = talk.send("slow")
        seen = [(await anext(events)).to_json()["type"], (await anext(events)).to_json()["type"]]
        assert seen == ["session", "delegation_started"]
        gate.opened.set()
        assert status(await rest_of(events)) == "completed"
