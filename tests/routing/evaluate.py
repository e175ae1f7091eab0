"""Measures the offline model: each utterance goes through the manager's model and on through the members'.

Nothing but the model runs: the requests declare the real tools' names, and what the model calls is compared with what
was expected. `python -m tests.routing.evaluate` prints the report by category and fails under 97 % or on an action
where none is due. The weights were learnt from these utterances; what to expect of others tells `--cross`: each of the
three sets, written by different people, measured with weights learnt without it. `--explain TEXT` shows the scores
behind a decision; `--salad N` and `--prose N` count wrong actions in random words and in ordinary sentences.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import click
from google.adk.models import LlmRequest
from google.genai import types

from manager.offline.skill import SKILL as MANAGER
from models.offline.explain import explained
from models.offline.language.text import normal
from models.offline.model import OfflineModel
from models.offline.routing.classifier import Classifier
from models.offline.skill import Skill
from settings import Settings
from sub_agents import OURS
from tests.routing.noise import prose, salad

CASES = Path(__file__).parent
FOLDERS = (CASES, CASES / "set2", CASES / "set3", CASES / "set4")
WANTED = 0.97
FREE_TEXT = frozenset({"query", "task", "topic", "value"})


@dataclass(frozen=True)
class Call:
    """A tool call that reached an agent's own tool."""

    agent: str
    tool: str
    args: Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """One line of a `.jsonl` file."""

    category: str
    text: str
    expect: tuple[Call, ...]
    context: tuple[Mapping[str, Any], ...] = ()
    reply: str = ""


@dataclass
class Outcome:
    """What happened to one case: the calls made, the text replied, and whether that is right."""

    case: Case
    calls: list[Call]
    reply: str
    correct: bool = field(init=False)
    wrong_action: bool = field(init=False)

    def __post_init__(self) -> None:
        wanted = list(self.case.expect)
        spurious = []
        for call in self.calls:
            match = next((w for w in wanted if _same(w, call)), None)
            if match:
                wanted.remove(match)
            else:
                spurious.append(call)
        asked = self.case.reply != "clarify" or (self.reply.rstrip().endswith(("?", ".", "…")) and "?" in self.reply)
        self.wrong_action = bool(spurious)
        self.correct = not spurious and not wanted and asked


class Team:
    """The offline models of the manager and its members, called as ADK would."""

    def __init__(self, classifier: Classifier | Literal["shipped"] | None = "shipped") -> None:
        members = [make(Settings()) for make in OURS]
        skills: list[Skill] = [MANAGER, *(member.offline for member in members)]
        self.manager = OfflineModel(skills=skills, classifier=classifier)
        self.members = {member.name: OfflineModel(skills=[member.offline]) for member in members}
        self.own_tools = [*{i.tool for i in MANAGER.intents if i.tool}, *self.members]
        self.member_tools = {member.name: [tool.__name__ for tool in member.tools] for member in members}

    def run(self, case: Case) -> Outcome:
        """What the team does about a case."""
        contents = [*history(case.context), user(case.text)]
        parts = self.manager.answer(_request(contents, self.own_tools))
        calls: list[Call] = []
        for part in parts:
            call = part.function_call
            if call and call.name in self.members:
                calls += self.delegate(call.name, str((call.args or {}).get("request")))
            elif call:
                calls.append(Call("manager", call.name or "", call.args or {}))
        return Outcome(case, calls, "".join(part.text or "" for part in parts))

    def delegate(self, agent: str, request: str) -> list[Call]:
        """What a member calls for a delegated request."""
        parts = self.members[agent].answer(_request([user(request)], self.member_tools[agent]))
        found = [Call(agent, p.function_call.name or "", p.function_call.args or {}) for p in parts if p.function_call]
        return found or [Call(agent, "(not understood)", {"request": request})]


@cache
def team() -> Team:
    """One team for all cases: models keep nothing between calls."""
    return Team()


def cases(*folders: Path) -> list[Case]:
    """All cases of some folders, of all three sets when none is named."""
    found = []
    for path in (path for folder in folders or FOLDERS for path in sorted(folder.glob("*.jsonl"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip():
                row = json.loads(line)
                expect = tuple(Call(e["agent"], e["tool"], e.get("args", {})) for e in row["expect"])
                context = tuple(row.get("context", ()))
                found.append(Case(row["category"], row["text"], expect, context, row.get("reply", "")))
    return found


def wrong_actions(sentences: Iterable[str]) -> list[Outcome]:
    """The outcomes in which something was done though nothing was asked."""
    outcomes = (team().run(Case("noise", sentence, ())) for sentence in sentences)
    return [outcome for outcome in outcomes if outcome.calls]


def _same(wanted: Call, made: Call) -> bool:
    if (wanted.agent, wanted.tool) != (made.agent, made.tool):
        return False
    return all(_plain(key, value) == _plain(key, made.args.get(key)) for key, value in wanted.args.items())


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, list):
        return sorted(str(item).casefold() for item in value)
    return normal(str(value)) if key in FREE_TEXT else str(value).casefold()


def _request(contents: list[types.Content], tools: Sequence[str]) -> LlmRequest:
    declared = [types.FunctionDeclaration(name=name) for name in tools]
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=declared)])
    return LlmRequest(contents=contents, config=config)


def user(text: str) -> types.Content:
    return types.Content(role="user", parts=[types.Part(text=text)])


def history(turns: Sequence[Mapping[str, Any]]) -> Iterable[types.Content]:
    """Earlier turns as ADK shows them to the manager's model."""
    for turn in turns:
        yield user(turn["user"])
        calls = turn.get("calls", [])
        if calls:
            made = [types.FunctionCall(name=c["name"], args=c.get("args", {})) for c in calls]
            yield types.Content(role="model", parts=[types.Part(function_call=call) for call in made])
            results = [r if isinstance(r, dict) else {"result": r} for r in turn.get("results", [])]
            results += [{"result": ""}] * (len(calls) - len(results))
            given = [types.FunctionResponse(name=c["name"], response=r) for c, r in zip(calls, results, strict=False)]
            yield types.Content(role="user", parts=[types.Part(function_response=response) for response in given])
        if turn.get("reply"):
            yield types.Content(role="model", parts=[types.Part(text=turn["reply"])])


def report(outcomes: Sequence[Outcome]) -> str:
    """The table by category, with what went wrong below it."""
    rows: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        row = rows.setdefault(outcome.case.category, Counter())
        row.update(
            n=1,
            correct=outcome.correct,
            wrong=outcome.wrong_action,
            missed=not outcome.correct and not outcome.wrong_action,
        )
    total = sum(rows.values(), Counter())
    lines = [f"{'category':<24}{'n':>5}{'correct':>9}{'wrong':>7}{'missed':>8}"]
    for name, row in [*rows.items(), ("all", total)]:
        counts = f"{row['n']:>5}{row['correct']:>9}{row['wrong']:>7}{row['missed']:>8}"
        lines.append(f"{name:<24}{counts}{row['correct'] / max(1, row['n']):>9.1%}")
    for outcome in outcomes:
        if not outcome.correct:
            made = [f"{c.tool}{dict(c.args)}" for c in outcome.calls] or outcome.reply.splitlines()[:1]
            wanted = [f"{c.tool}{dict(c.args)}" for c in outcome.case.expect] or outcome.case.reply or "no action"
            lines.append(f"  {outcome.case.category}: {outcome.case.text!r}: wanted {wanted}, got {made}")
    return "\n".join(lines)


def passed(outcomes: Sequence[Outcome]) -> bool:
    """At least 97 % right, and nothing done in the negative part."""
    acted = any(o.wrong_action for o in outcomes if o.case.category == "negative")
    return sum(o.correct for o in outcomes) >= WANTED * len(outcomes) and not acted


@click.command()
@click.option("--explain", metavar="TEXT", help="Show the scores of all intents for TEXT.")
@click.option("--cross", is_flag=True, help="Measure each set with weights learnt without it; takes two minutes.")
@click.option("--salad", "salads", type=int, default=0, help="Count wrong actions in so many word salads.")
@click.option("--prose", "sentences", type=int, default=0, help="Count wrong actions in so many ordinary sentences.")
def main(explain: str | None, cross: bool, salads: int, sentences: int) -> None:
    """Measure how the offline model understands."""
    if cross:
        from tests.routing.training import trained  # which needs this module

        for held in FOLDERS:
            other = Team(trained([cases(folder) for folder in FOLDERS if folder != held]))
            click.echo(f"{held.name}, unseen\n{report([other.run(case) for case in cases(held)])}\n")
        return
    if explain:
        click.echo(explained(team().manager.explain(explain)))
        return
    listed = cases()
    started = time.perf_counter()
    outcomes = [team().run(case) for case in listed]
    spent = (time.perf_counter() - started) / max(1, len(outcomes)) * 1000
    click.echo(report(outcomes))
    click.echo(f"{spent:.2f} ms an utterance, manager and members together")
    ok = passed(outcomes)
    for name, count, made in (("word salads", salads, salad), ("prose sentences", sentences, prose)):
        if count:
            acted = wrong_actions(made(count))
            click.echo(f"{name}: {len(acted)} wrong actions in {count}")
            for outcome in acted[:20]:
                click.echo(f"  {outcome.case.text!r}: {[(c.tool, dict(c.args)) for c in outcome.calls]}")
            ok = ok and len(acted) < count / 1000
    sys.exit(0 if ok else 1)


if __name__ == "__main__":
    main()
