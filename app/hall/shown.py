"""Tickets as the API shows them."""

from app.hall.queries import Line, Seat
from app.hall.schemas import BoardOut, SeatOut, TicketOut
from app.hall.waits import Shown, Standing
from app.kit.clock import LOCAL
from app.stations.snapshot import Network, StationFacts


def ticket_out(line: Line, network: Network, wait: Shown | None = None) -> TicketOut:
    station = network.station_by_id[line.station_id]
    desks = {desk.id: desk.code for desk in station.desks}
    codes = {each: network.service_by_id[each].code for each in line.service_ids}
    return TicketOut(
        ticket_id=line.id,
        number=line.shown,
        station_code=station.code,
        kind=line.kind,
        state=line.state,
        service_codes=[codes[each] for each in line.service_ids],
        open_service_codes=[codes[each] for each in line.open_ids],
        priority=line.priority,
        issued_at=line.issued_at.astimezone(LOCAL),
        booked_at=line.booked_at and line.booked_at.astimezone(LOCAL),
        reference=line.reference,
        desk=desks.get(line.desk_id or 0),
        for_desk=desks.get(line.for_desk_id or 0),
        calls=line.calls,
        called_at=line.called_at and line.called_at.astimezone(LOCAL),
        started_at=line.started_at and line.started_at.astimezone(LOCAL),
        ended_at=line.ended_at and line.ended_at.astimezone(LOCAL),
        wait_p50_min=wait and wait.p50_min,
        wait_p90_min=wait and wait.p90_min,
    )


class Boards:
    """The boards of stations as JSON, kept as bytes while they stand. One for each process."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Standing, bytes]] = {}

    def json(self, standing: Standing) -> bytes:
        station_id = standing.board.station.id
        kept = self._kept.get(station_id)
        if kept is None or kept[0] is not standing:
            body = board_out(standing).model_dump_json().encode()
            kept = self._kept[station_id] = standing, body
        return kept[1]


def board_out(standing: Standing) -> BoardOut:
    board, network = standing.board, standing.network

    def lines(of: tuple[Line, ...]) -> list[TicketOut]:
        return [ticket_out(line, network, standing.waits.get(line.id)) for line in of]

    return BoardOut(
        station_code=board.station.code,
        at=board.at.astimezone(LOCAL),
        waiting=lines(board.waiting),
        called=lines(board.called),
        serving=lines(board.serving),
        parked=lines(board.parked),
        done=lines(board.over),
        desks=[seat_out(board.station, network, seat) for seat in board.seats.values()],
    )


def seat_out(station: StationFacts, network: Network, seat: Seat) -> SeatOut:
    desk = next(desk for desk in station.desks if desk.id == seat.desk_id)
    return SeatOut(
        desk=desk.code,
        name=seat.name,
        categories=[code for code, bit in network.category_bit.items() if bit & seat.skills],
        since=seat.started_at.astimezone(LOCAL),
        break_since=seat.break_since and seat.break_since.astimezone(LOCAL),
    )
