"""NEWS2: every threshold on both sides, both scales, what is missing, and the command line."""

import json
import subprocess
import sys
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from care.forms import Coding
from care.news2 import Score, Vitals, from_answers, score
from care.news2_lines import Unscored, score_lines

CALM = Vitals(
    respiration=16,
    spo2=98,
    oxygen=False,
    systolic=120,
    pulse=70,
    consciousness="A",
    temperature=Decimal("37.0"),
)
# Royal College of Physicians 2017, chart 1: the last value of one cell and the first of the next.
THRESHOLDS = {
    "respiration": [(0, 3), (8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3), (60, 3)],
    "spo2": [(0, 3), (91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)],
    "systolic": [
        (0, 3),
        (90, 3),
        (91, 2),
        (100, 2),
        (101, 1),
        (110, 1),
        (111, 0),
        (219, 0),
        (220, 3),
        (300, 3),
    ],
    "pulse": [
        *[(0, 3), (40, 3), (41, 1), (50, 1), (51, 0), (90, 0)],
        *[(91, 1), (110, 1), (111, 2), (130, 2), (131, 3), (220, 3)],
    ],
    "temperature": [
        *[("30", 3), ("35.0", 3), ("35.1", 1), ("36.0", 1), ("36.1", 0)],
        *[("38.0", 0), ("38.1", 1), ("39.0", 1), ("39.1", 2), ("42", 2)],
    ],
    "consciousness": [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)],
    "oxygen": [(False, 0), (True, 2)],
}
SCALE_2 = [
    *[(83, False, 3), (84, False, 2), (85, False, 2), (86, False, 1), (87, False, 1), (88, False, 0)],
    *[(92, False, 0), (93, False, 0), (94, False, 0), (97, False, 0), (100, False, 0)],
    *[
        (83, True, 3),
        (84, True, 2),
        (85, True, 2),
        (86, True, 1),
        (87, True, 1),
        (88, True, 0),
        (92, True, 0),
    ],
    *[(93, True, 1), (94, True, 1), (95, True, 2), (96, True, 2), (97, True, 3), (100, True, 3)],
]


def changed(**values: object) -> Vitals:
    if "temperature" in values and values["temperature"] is not None:
        values["temperature"] = Decimal(str(values["temperature"]))
    return msgspec.structs.replace(CALM, **values)


@pytest.mark.parametrize(
    ("name", "value", "points"), [(name, *row) for name, rows in THRESHOLDS.items() for row in rows]
)
def test_each_value_gets_the_points_of_its_cell(name: str, value: object, points: int) -> None:
    scored = score(changed(**{name: value}), scale2=False)
    assert scored.parts[name] == points
    assert scored.total == points
    assert scored.complete


@pytest.mark.parametrize(("spo2", "oxygen", "points"), SCALE_2)
def test_scale_2_counts_too_much_oxygen_as_well_as_too_little(spo2: int, oxygen: bool, points: int) -> None:
    scored = score(changed(spo2=spo2, oxygen=oxygen), scale2=True)
    assert scored.parts["spo2"] == points
    assert scored.total == points + (2 if oxygen else 0)


@pytest.mark.parametrize(("reading", "points"), [("35.04", 3), ("35.05", 1), ("39.04", 1), ("39.05", 2)])
def test_a_finer_temperature_is_rounded_to_the_tenths_of_the_table(reading: str, points: int) -> None:
    assert score(changed(temperature=reading), scale2=False).parts["temperature"] == points


@pytest.mark.parametrize(
    ("values", "total", "band"),
    [
        ({}, 0, "low"),
        ({"respiration": 21, "spo2": 92}, 4, "low"),
        ({"consciousness": "C"}, 3, "low-medium"),
        ({"consciousness": "C", "temperature": "38.5"}, 4, "low-medium"),
        ({"respiration": 21, "spo2": 92, "temperature": "38.5"}, 5, "medium"),
        ({"respiration": 21, "spo2": 92, "pulse": 111}, 6, "medium"),
        ({"consciousness": "C", "respiration": 21}, 5, "medium"),
        ({"respiration": 21, "spo2": 92, "pulse": 111, "temperature": "38.5"}, 7, "high"),
    ],
)
def test_the_band_follows_the_total_and_any_single_three(values: dict, total: int, band: str) -> None:
    scored = score(changed(**values), scale2=False)
    assert (scored.total, scored.band) == (total, band)


def test_asta_scores_seven_on_scale_1_and_six_on_scale_2_and_at_least_medium_without_temperature() -> None:
    asta = changed(respiration=22, spo2=94, systolic=104, pulse=112, temperature="38.4")
    assert (score(asta, scale2=False).total, score(asta, scale2=False).band) == (7, "high")
    assert (score(asta, scale2=True).total, score(asta, scale2=True).band) == (6, "medium")
    unmeasured = msgspec.structs.replace(asta, temperature=None)
    assert score(unmeasured, scale2=False) == Score(
        total=None,
        complete=False,
        parts={
            **{"respiration": 2, "spo2": 1, "oxygen": 0, "systolic": 1},
            **{"pulse": 2, "consciousness": 0, "temperature": None},
        },
        band="medium",
    )


@pytest.mark.parametrize("name", sorted(THRESHOLDS))
def test_any_missing_value_leaves_the_score_without_total_and_never_calls_it_low(name: str) -> None:
    scored = score(changed(**{name: None}), scale2=False)
    assert (scored.total, scored.complete, scored.parts[name], scored.band) == (None, False, None, None)


def test_what_is_known_can_force_a_band_although_the_rest_is_missing() -> None:
    assert score(Vitals(consciousness="V"), scale2=False).band == "low-medium"
    assert score(Vitals(consciousness="V", spo2=90), scale2=False).band == "medium"
    assert score(Vitals(consciousness="V", spo2=90, pulse=135), scale2=False).band == "high"


@pytest.mark.parametrize(("spo2", "points"), [(92, 0), (93, None), (99, None), (83, 3)])
def test_scale_2_needs_to_know_about_oxygen_only_where_it_matters(spo2: int, points: int | None) -> None:
    assert score(changed(spo2=spo2, oxygen=None), scale2=True).parts["spo2"] == points


vitals = st.builds(
    Vitals,
    respiration=st.none() | st.integers(0, 80),
    spo2=st.none() | st.integers(0, 100),
    oxygen=st.none() | st.booleans(),
    systolic=st.none() | st.integers(0, 300),
    pulse=st.none() | st.integers(0, 300),
    consciousness=st.none() | st.sampled_from("ACVPU"),
    temperature=st.none() | st.decimals(25, 45, places=1),
)
ORDER = [None, "low", "low-medium", "medium", "high"]


@given(vitals, st.booleans(), st.data())
def test_measuring_more_never_lowers_the_band(known: Vitals, scale2: bool, data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.sampled_from(sorted(THRESHOLDS))))
    less = msgspec.structs.replace(known, **dict.fromkeys(hidden))
    assert ORDER.index(score(less, scale2).band) <= ORDER.index(score(known, scale2).band)


def test_the_answers_of_the_sbar_form_are_read_by_their_link_ids() -> None:
    read = from_answers(
        {
            "a.respiration": [22],
            "a.spo2": [94],
            "a.oxygen": [False],
            "a.systolic": [104],
            "a.pulse": [112],
            "a.consciousness": [Coding("A", "Vaken som vanligt")],
            "a.temperature": [Decimal("38.4")],
            "s.words": ["Andfådd"],
        }
    )
    assert score(read, scale2=False).total == 7
    assert from_answers({"a.pulse": []}) == Vitals()


@pytest.mark.parametrize("temperature", ["376", "NaN", "Infinity", "-1"])
def test_what_is_no_temperature_is_refused(temperature: str) -> None:
    with pytest.raises(ValueError, match="not the temperature of a person"):
        Vitals(temperature=Decimal(temperature))


@pytest.mark.parametrize(
    ("line", "field", "reason"),
    [
        (b'{"respiration": "x"}', "respiration", 'a whole number of 0 or more, not "x"'),
        (b'{"respiration": -1}', "respiration", "a whole number of 0 or more, not -1"),
        (b'{"respiration": 16.5}', "respiration", "not 16.5"),
        (b'{"pulse": true}', "pulse", "not true"),
        (b'{"pulse": 1e99999999}', "pulse", "not 1E+99999999"),
        (b'{"spo2": 101}', "spo2", "a whole number from 0 to 100, not 101"),
        (b'{"oxygen": 1}', "oxygen", "true or false, not 1"),
        (b'{"scale2": "yes"}', "scale2", "true or false"),
        (b'{"consciousness": "a"}', "consciousness", 'one of A, C, V, P, U, not "a"'),
        (b'{"temperature": 376}', "temperature", "from 10 to 50, not 376"),
        (b'{"temperature": "37.1"}', "temperature", 'not "37.1"'),
        (b'{"temperature": 1e99999999}', "temperature", "from 10 to 50"),
        (b'{"pulse": 70, "pulse": 170}', "pulse", "given twice"),
        (b'{"temperature": NaN}', None, "NaN is not a JSON number"),
        (b'{"consciousness": "\xff"}', None, "not JSON that can be read"),
        (b"[]", None, "not a JSON object"),
        (b"nonsense", None, "not JSON that can be read"),
    ],
)
def test_a_line_that_cannot_be_scored_is_answered_with_its_field_and_reason(
    line: bytes, field: str | None, reason: str
) -> None:
    (answer,) = score_lines([line])
    assert isinstance(answer, Unscored)
    assert (answer.line, answer.field) == (1, field)
    assert reason in answer.reason
    assert answer.reason in answer.error
    assert (field or "") in answer.error


@pytest.mark.parametrize(
    "line", [b'\xef\xbb\xbf{"pulse": 131}', b'{"pulse": 131.0}', b'{"pulse": 131, "x": []}']
)
def test_what_is_written_in_another_way_is_scored_all_the_same(line: bytes) -> None:
    (answer,) = score_lines([b"\n", line])
    assert isinstance(answer, Score)
    assert answer.parts["pulse"] == 3


def test_the_command_line_answers_each_line_in_order_and_fails_for_a_faulty_one() -> None:
    lines = [
        {
            **{"respiration": 22, "spo2": 94, "scale2": True, "oxygen": False, "systolic": 104},
            **{"pulse": 112, "consciousness": "A", "temperature": 38.4},
        },
        {"pulse": 131, "temperature": None},
    ]
    sent = "\n".join(json.dumps(line) for line in lines) + "\n"
    ran = run(sent)
    assert ran.returncode == 0
    first, second = (json.loads(line) for line in ran.stdout.splitlines())
    assert (first["total"], first["complete"], first["band"]) == (6, True, "medium")
    assert (second["total"], second["complete"], second["band"]) == (None, False, "low-medium")
    assert second["parts"]["pulse"] == 3
    broken = run(sent + '{"pulse": "fast"}\n' + sent)
    assert broken.returncode == 1
    assert broken.stdout.splitlines()[0:2] == broken.stdout.splitlines()[3:] == ran.stdout.splitlines()
    assert json.loads(broken.stdout.splitlines()[2])["field"] == "pulse"
    assert "line 3: pulse: must be a whole number" in broken.stderr


def test_whoever_writes_a_line_gets_its_score_before_the_next() -> None:
    command = [sys.executable, "-m", "care.news2"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for pulse, points in ((131, 3), (90, 0)):
            running.stdin.write(json.dumps({"pulse": pulse}).encode() + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["parts"]["pulse"] == points
        running.stdin.close()
        assert running.wait(20) == 0


def test_help_names_every_key_and_reads_nothing() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "care.news2", "--help"], capture_output=True, text=True, check=True, timeout=20
    )
    assert all(name in ran.stdout for name in (*Vitals.__struct_fields__, "scale2", "band"))


def run(sent: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "care.news2"], input=sent, capture_output=True, text=True, check=False
    )
