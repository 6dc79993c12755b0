"""Which row of a file is which instrument: pure, whatever is in the ledger."""

from typing import Any

import pytest

from app.kit.ids import new_id
from app.ledger.derived import SAID
from app.ledger.files.matching import RETIRED, UNCLEAR, Known, Matching
from app.ledger.rules.identity import identity_key, serial_key

Values = dict[str, Any]


def said(number: str | None, name: str = "压力表", model: str = "Y-100", maker: str = "红旗", **more: Any) -> Values:
    given = {"instrument_name": name, "model_spec": model, "serial_no": number, "manufacturer": maker, "quantity": 1}
    return dict.fromkeys(SAID) | given | more


def known(values: Values, *, retired: bool = False) -> Known:
    return Known(new_id(), values, serial_key(values), identity_key(values), retired)


def test_a_row_is_the_instrument_with_its_number_maker_and_model():
    first, second = known(said("1", maker="红旗")), known(said("1", maker="上自"))
    plan = Matching([first, second]).plan([(2, said("１", maker="上 自", install_location="二楼"))])
    [(line, update)] = plan.changed
    assert (line, update.known.id) == (2, second.id)
    assert update.differs.keys() == {"serial_no", "manufacturer", "install_location"}
    assert not plan.new


def test_what_was_corrected_is_found_by_its_number():
    plan = Matching([known(said("1", model="Y100"))]).plan([(2, said("1", model="Y-100Z"))])
    assert [update.differs for _line, update in plan.changed] == [{"model_spec": ["Y100", "Y-100Z"]}]


def test_another_instrument_with_the_same_number_is_new():
    ledger = [known(said("1"))]
    plan = Matching(ledger).plan([(2, said("1", name="电子天平", model="BSA", maker="赛多利斯")), (3, said("1"))])
    assert [line for line, _values in plan.new] == [2]
    assert plan.same == 1


def test_who_is_meant_by_all_three_is_nobody_elses_by_number():
    plan = Matching([known(said("1", model="A"))]).plan([(2, said("1", model="B")), (3, said("1", model="A"))])
    assert [line for line, _values in plan.new] == [2]
    assert plan.same == 1


def test_without_a_number_each_alike_is_found_once():
    ledger = [known(said(None)), known(said("无"))]
    plan = Matching(ledger).plan([(n, said("")) for n in range(2, 5)])
    assert len(plan.new) == 1
    assert len(plan.changed) + plan.same == 2


@pytest.mark.parametrize("number", ["1", "１ "])
def test_one_out_of_use_is_not_added_again(number: str):
    plan = Matching([known(said("1"), retired=True)]).plan([(2, said(number))])
    assert plan.refused == {2: RETIRED}


def test_what_could_be_two_is_refused():
    ledger = [known(said("1", model="A", maker="x")), known(said("1", model="B", maker="y"))]
    plan = Matching(ledger).plan([(2, said("1", model="C", maker="z"))])
    assert plan.refused == {2: UNCLEAR}


def test_columns_that_a_file_has_not_stay():
    ledger = known(said("1", install_location="一楼"))
    plan = Matching([ledger]).plan([(2, {"instrument_name": "压力表", "serial_no": "1", "quantity": 5})])
    [(_line, update)] = plan.changed
    assert update.differs == {"quantity": [1, 5]}
    assert update.after["install_location"] == "一楼"
