"""Opens a process's telemetry from its settings: change here when traces are recorded."""

from app.configuration.settings import Settings
from app.errors import SettingsError
from app.telemetry.telemetry import Telemetry


def build_telemetry(settings: Settings, process: str) -> Telemetry:
    """Histograms, and a tracer if OTEL_EXPORTER_OTLP_ENDPOINT is set. `process` is "web" or "worker".

    Raises SettingsError if a collector is set but the extra is not installed.
    """
    if not settings.otel_endpoint:
        return Telemetry()
    try:
        from app.telemetry.opentelemetry import Collector, open_otlp
    except ModuleNotFoundError as missing:
        if not (missing.name or "").startswith(("opentelemetry", "google", "requests")):
            raise
        raise SettingsError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but its packages are not installed: run pip install 'council[otel]', or unset it"
        ) from None
    collector = Collector(settings.otel_endpoint, settings.otel_headers, settings.otel_service, process, settings.otel_content)
    return Telemetry(tracer=open_otlp(collector))
