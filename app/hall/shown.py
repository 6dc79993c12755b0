"""Tickets as the API shows them."""

from app.hall.queries import Board, Line, Seat
from app.hall.schemas import BoardOut, SeatOut, TicketOut
from app.hall.waits import Shown, Waits
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


def board_out(board: Board, network: Network, waits: Waits) -> BoardOut:
    def lines(of: tuple[Line, ...]) -> list[TicketOut]:
        return [ticket_out(line, network, waits.get(line.id)) for line in of]

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
