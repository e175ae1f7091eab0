"""ADK's spans reach a collector when the standard variables name one, and nothing is sent when they do not."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conversation.tracing import TracingError, send_spans
from settings import ROOT, Environment

PROGRAM = (
    "import sys\nfrom conversation.tracing import send_spans\nfrom settings import Environment\n"
    "send_spans(Environment().collector)\n"
    "from terminal.cli import cli\ncli(sys.argv[1:])"
)


class Collector:
    """What an OpenTelemetry collector is to the program: an address that takes what is posted to it."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, bytes]] = []
        posted = self.posted

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                posted.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        found = []
        for path, body in self.posted:
            assert path == "/v1/traces"
            request = ExportTraceServiceRequest.FromString(body)
            found += [
                span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
            ]
        return found

    def services(self) -> set[str]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return {
            attribute.value.string_value
            for _, body in self.posted
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def ask(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The program with the offline model and two agents at once."""
    arguments = ["--db", str(tmp_path / "p.db"), "--user", "ada", "-p", "a joke about java and the price of AAPL"]
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore", **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.slow
def test_a_turn_reaches_the_collector_as_a_tree_of_spans(collector: Collector, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporter is an extra")
    asked = ask(tmp_path, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.endpoint}/v1/traces")
    assert (asked.returncode, asked.stderr) == (0, "")
    spans = collector.spans()
    names = {span.name for span in spans}
    assert {"invoke_agent manager", "invoke_agent funny_nerd", "invoke_agent stock_analyst"} <= names
    assert {"execute_tool get_nerd_joke", "execute_tool get_stock_price"} <= names
    assert len({span.trace_id for span in spans}) == 1
    by_id = {span.span_id: span for span in spans}
    (root,) = [span for span in spans if span.parent_span_id not in by_id]
    assert root.name.endswith(" manager")
    joke = next(span for span in spans if span.name == "execute_tool get_nerd_joke")
    above = []
    while joke.parent_span_id in by_id:
        joke = by_id[joke.parent_span_id]
        above.append(joke.name)
    assert "invoke_agent funny_nerd" in above and above[-1] == root.name
    assert collector.services() == {"persistent-multi-agent"}


@pytest.mark.slow
def test_the_messages_stay_here_when_they_are_not_to_be_sent(collector: Collector, tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporter is an extra")
    asked = ask(
        tmp_path,
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=f"{collector.endpoint}/v1/traces",
        OTEL_SERVICE_NAME="mine",
        ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS="false",
    )
    assert asked.returncode == 0
    assert collector.spans() and collector.services() == {"mine"}
    assert not [body for _, body in collector.posted if b"joke about java" in body]


@pytest.mark.slow
def test_without_an_endpoint_nothing_is_sent(collector: Collector, tmp_path: Path) -> None:
    assert ask(tmp_path).returncode == 0
    assert collector.posted == []


@pytest.mark.slow
def test_a_collector_that_does_not_answer_fails_no_turn(tmp_path: Path) -> None:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http", reason="the exporter is an extra")
    asked = ask(
        tmp_path, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://127.0.0.1:9/v1/traces", OTEL_EXPORTER_OTLP_TIMEOUT="1"
    )
    assert asked.returncode == 0 and asked.stdout
    assert "Traceback" not in asked.stderr


@pytest.mark.slow
def test_an_endpoint_without_the_exporter_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    send_spans.cache_clear()
    try:
        with pytest.raises(TracingError, match="not installed") as told:
            send_spans(Environment().collector)
        assert "pip install opentelemetry-exporter-otlp-proto-http" in told.value.hint
    finally:
        send_spans.cache_clear()
