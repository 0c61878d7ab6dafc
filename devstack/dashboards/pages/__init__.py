"""The dashboards: one module each, and `promql` for what they have in common."""

from typing import Final

from devstack.dashboards.model import Dashboard
from devstack.dashboards.pages.flow import FLOW
from devstack.dashboards.pages.lag import LAG
from devstack.dashboards.pages.mail import MAIL
from devstack.dashboards.pages.mongodb import MONGODB
from devstack.dashboards.pages.objectives import OBJECTIVES
from devstack.dashboards.pages.overview import OVERVIEW
from devstack.dashboards.pages.requests import REQUESTS
from devstack.dashboards.pages.retries import RETRIES
from devstack.dashboards.pages.versions import VERSIONS

DASHBOARDS: Final[tuple[Dashboard, ...]] = (
    OVERVIEW,
    OBJECTIVES,
    FLOW,
    REQUESTS,
    LAG,
    RETRIES,
    MAIL,
    MONGODB,
    VERSIONS,
)
