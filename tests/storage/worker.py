"""A second process of the program for tests: does one command a line, and answers each with a line of JSON.

open URL                    opens the database with the session service, as every start does
prefer URL KIND VALUE...    opens it and adds preferences of the user `ada`, one after the other
store URL SESSION           writes a turn that is not finished
talk URL SESSION TURNS      writes turns
"""

import asyncio
import json
import sys
from typing import Any

from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from tests.storage.support import ADA, START, delegated_turn, store


async def perform(command: str, url: str, *arguments: str) -> Any:
    async with Database.open(url) as database:
        service = SessionService(database)
        await service.prepare_tables()
        match command:
            case "prefer":
                kind, *values = arguments
                return [await preferences.add(database, ADA, kind, value) for value in values]
            case "store":
                await store(service, delegated_turn()[:3], session_id=arguments[0])
            case "talk":
                for number in range(int(arguments[1])):
                    await store(service, delegated_turn(f"turn-{number}", START + 100 * number), arguments[0])
        return "done"


def main() -> None:
    for line in sys.stdin:
        try:
            answer = {"answer": asyncio.run(perform(*line.split()))}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
