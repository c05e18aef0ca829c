from broker_in_trouble import survived


async def test_nothing_is_lost_whatever_the_broker_does(tmp_path, monkeypatch):
    await survived(tmp_path, monkeypatch, rounds=5, longest=0.2, seed=6)
