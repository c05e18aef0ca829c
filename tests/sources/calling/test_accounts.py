import asyncio

import pytest
from fake_field import FakeField, FakeSource

from gatewayd.model import Block
from gatewayd.plugin import SourceError
from gatewayd.sources import Accounts
from gatewayd.sources.calling.accounts import Account
from gatewayd.testing import hold, simulate


def polling(seconds, **sources):
    """The accounts of some sources that were polled for so long, once a second."""
    field = FakeField({name: FakeSource(answer=answer) for name, answer in sources.items()})
    simulate(field.run(seconds))
    return {name: field.status(name).accounts for name in sources}


async def busy(poll):
    hold(0.25)
    await asyncio.sleep(0.1)
    hold(0.05)
    await asyncio.sleep(0.1)
    hold(0.01)
    return Block(poll.channels, [1.0])


async def failing(poll):
    hold(0.001)
    raise SourceError("no answer")


async def idle(poll):
    return Block(poll.channels, [1.0])


def test_time_that_a_source_takes_is_on_its_account_but_not_that_in_which_it_waits():
    accounts = polling(4.9, busy=busy, idle=idle)["busy"]
    assert accounts.calls == 7  # the line and the source were opened, too
    assert accounts.seconds == pytest.approx(5 * 0.31)
    assert accounts.longest == pytest.approx(0.25)
    assert accounts.holds == 10
    assert accounts.failures == 0


def test_failures_are_on_the_account_of_the_source_that_fails():
    accounts = polling(1.5, failing=failing, idle=idle)
    assert (accounts["failing"].failures, accounts["idle"].failures) == (2, 0)
    assert accounts["idle"].seconds == 0.0


def test_accounts_go_on_in_the_next_process():
    first = Accounts(calls=10, failures=2, seconds=1.0, longest=0.5, holds=3, memory=1000, growth=10)
    then = Accounts(calls=1, failures=1, seconds=0.5, longest=0.1, holds=1)
    assert then.after(first) == Accounts(calls=11, failures=3, seconds=1.5, longest=0.5, holds=4)


def test_growth_is_counted_from_the_first_look():
    account = Account()
    for memory in (1000, 1500, 1200):
        account.weighed(memory)
    assert (account.read().memory, account.read().growth) == (1200, 200)
