"""One HTTP request, as werkzeug reads it, with the few things that are Mail+'s own."""

from typing import Any, NoReturn

import werkzeug

from demo.spotler import body
from demo.spotler.errors import invalid_params

LEGACY_BASE = "/integrationservice-1.1.0"
CURRENT_BASE = "/integrationservice"


class Request(werkzeug.Request):
    """A request; its ``path`` is what follows the base, percent-encoded as it was sent."""

    json_module = body

    @property
    def legacy(self) -> bool:
        """Whether it is for the pinned version 1.1.0: bare arrays and numeric dates
        (spotler-api.md §1.1 [C])."""
        return self.root_path == LEGACY_BASE

    @property
    def signed_url(self) -> str:
        """The absolute URL without the query, as it was sent; ``base_url`` is decoded."""
        return f"http://{self.headers['Host']}{self.root_path}{self.path}"

    @property
    def payload(self) -> dict[str, Any]:
        """The body as a JSON object, whatever its content type, or a 400."""
        sent = self.get_json(force=True)
        if not isinstance(sent, dict):
            raise invalid_params("The body must be a JSON object")
        return sent

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Refuse in the format of Spotler."""
        raise invalid_params("The body is not valid JSON") from e
