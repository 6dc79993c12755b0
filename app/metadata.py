"""Every room's models, imported for Alembic and for whoever needs all tables at once."""

from app.catalogue import models as catalogue
from app.kit import rates
from app.kit.db import Model
from app.requests import models as requests
from app.slots import models as slots
from app.stations import models as stations

ROOMS = (rates, catalogue, stations, slots, requests)
metadata = Model.metadata
