"""The settings of the demo CRM."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass
class Settings:
    """One environment of the CRM; the secrets are the ones the plugin gave it.

    The defaults are known to everybody and serve the demo only. Plugin address and
    secrets may be changed while the CRM runs: a test registers the environment with
    the plugin after the CRM has got its port.
    """

    environment: str = "demo"
    plugin_url: str = "http://127.0.0.1:5000"
    launch_secret: str = "demo-launch-secret-that-everybody-may-know"
    events_secret: str = "whsec_ZGVtby1ldmVudHMtc2VjcmV0LWV2ZXJ5Ym9keS1rbm93cw=="
    api_token: str = "demo-api-token-that-everybody-may-know"
    awaits_plugin: bool = False
    """Whether people are told that the plugin starts, until it answers for the first time."""
    contacts: int = 250
    state: Path | None = None
    origin: str = "http://localhost"

    @property
    def plugin_origin(self) -> str:
        """Scheme, host and port of the plugin, without a path."""
        parts = urlsplit(self.plugin_url)
        return f"{parts.scheme}://{parts.netloc}"
