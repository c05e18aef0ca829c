from gatewayd.models.points import Points


def test_bins_reach_from_edge_to_edge():
    points = Points((1000.0, 2000.0), "pump1.speed", "/min")
    assert points.names == (
        "pump1.speed below 1000 /min",
        "pump1.speed from 1000 to 2000 /min",
        "pump1.speed from 2000 /min on",
    )
    assert [points.at(value) for value in (0, 999, 1500, 2500, 500)] == [0, 0, 1, 2, 0]


def test_one_edge_makes_two_bins():
    assert Points((50.0,), "pump1.load", "1").names == ("pump1.load below 50", "pump1.load from 50 on")


def test_without_edges_there_is_one_point_without_a_name():
    assert Points(()).names == ("",)


def test_a_value_that_hovers_at_an_edge_stays_in_its_bin():
    points = Points((1000.0, 2000.0))
    assert [points.at(value) for value in (990, 1010, 995, 1019, 1021, 990, 981, 979)] == [0, 0, 0, 0, 1, 1, 1, 0]


def test_a_bin_that_is_further_away_is_not_hovered_into():
    points = Points((1000.0, 2000.0))
    assert [points.at(value) for value in (500, 2010, 990)] == [0, 2, 0]
