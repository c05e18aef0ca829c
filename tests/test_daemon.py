"""What of the daemon needs no process of its own."""

import pytest
from config_files import BASE, loaded

from gatewayd import clock
from gatewayd.control import ControlError
from gatewayd.daemon import Run
from gatewayd.model import Command, Order
from gatewayd.orders import Orders


async def test_an_order_that_comes_after_the_engines_last_words_is_refused(tmp_path):
    run = Run(loaded(tmp_path, BASE.replace("[mqtt]", f'state_dir = "{tmp_path}"\n[mqtt]')), Orders(), ())
    run._stop(clock.now())
    with pytest.raises(ControlError, match="ask again in a moment"):
        run._order(Command(clock.now(), Order.ACKNOWLEDGE, "r"))
