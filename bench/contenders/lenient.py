"""Makes the event models accept values that a framework has already decoded from JSON.

The models are strict, because the services validate bytes. After decoding, a date is a string,
which a strict model refuses. Import this module before the event models.
"""

from pydantic import ConfigDict

from shared.events import envelope

envelope.EventData.model_config = ConfigDict(frozen=True, strict=False, extra="ignore")
