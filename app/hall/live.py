"""The topic that is told when something changes at a station's counter."""


def topic_of(station_id: int | str) -> str:
    """For kit.live: boards, displays and phones of a station look again when it is told. "*" is all stations."""
    return f"hall:{station_id}"
