"""OpenTelemetry: ADK's spans, sent to a collector when the standard environment variables name one.

`OTEL_EXPORTER_OTLP_ENDPOINT`, its headers and the like are read by OpenTelemetry itself; without them nothing is loaded
and nothing leaves the machine.
"""

import functools
import importlib

import launch
from told import Told

SERVICE = "persistent-multi-agent"
"""What a trace viewer calls the program, unless OTEL_SERVICE_NAME says otherwise."""
_EXPORTER = "opentelemetry.exporter.otlp.proto.http.trace_exporter"
_PACKAGE = "opentelemetry-exporter-otlp-proto-http"


class TracingError(Told):
    """Spans are to be sent, and cannot be."""


@functools.cache
def send_spans(collector: str | None) -> bool:
    """Sends the spans of every turn from now on, if a collector is named; what is left is sent when the program ends.

    The messages of the user and the model are in the spans, unless ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS is false.

    Args:
        collector: The variable that names it, as `Environment.collector` has it.

    Returns:
        Whether spans are sent.

    Raises:
        TracingError: A collector is named, and the exporter is not installed.
    """
    if collector is None:
        return False
    try:  # it takes long to load
        importlib.import_module(_EXPORTER)
    except ModuleNotFoundError as error:
        hint = f"{launch.pip_install(_PACKAGE)}, or unset it."
        raise TracingError(f"{collector} is set, but the exporter is not installed", hint) from error
    from google.adk.telemetry.setup import maybe_set_otel_providers
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource

    named = Resource({"service.name": SERVICE}).merge(OTELResourceDetector().detect())
    maybe_set_otel_providers(otel_resource=named)
    return True
