"""The invented providers and models that the simulator serves (catalog/data/simulated_fleet.json)."""

import json
from dataclasses import dataclass
from pathlib import Path

FLEET_FILE = Path(__file__).resolve().parent.parent.parent / "catalog" / "data" / "simulated_fleet.json"


@dataclass(frozen=True, slots=True)
class SimulatedModel:
    """One model as one provider serves it.

    context_window, max_output_tokens: tokens, None = does not apply. lifecycle, deprecated_at, retires_at
    (ISO 8601, "" = none): what the model list says of it; the scenario sets them.
    """

    provider: str
    id: str
    name: str
    protocol: str
    context_window: int | None
    max_output_tokens: int | None
    lifecycle: str = "active"
    deprecated_at: str = ""
    retires_at: str = ""

    @property
    def embeds(self) -> bool:
        return self.protocol == "openai_embeddings"

    @property
    def endpoint(self) -> str:
        return f"{self.provider}--{self.id}"


Fleet = dict[str, dict[str, SimulatedModel]]


def load_fleet(path: Path = FLEET_FILE) -> Fleet:
    """Provider slug → model id → model. KeyError or ValueError for a file of another shape."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        provider["slug"]: {
            model["id"]: SimulatedModel(
                provider=provider["slug"],
                id=model["id"],
                name=model["name"],
                protocol=model.get("protocol", provider["protocol"]),
                context_window=model["context_window"],
                max_output_tokens=model["max_output_tokens"],
            )
            for model in provider["models"]
        }
        for provider in document["providers"]
    }
