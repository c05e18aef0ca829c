"""A small engine with evidence of its alarms, as the daemon has them."""

from contextlib import asynccontextmanager
from unittest import mock

from recorded import PATIENCE
from small_engine import SmallEngine, ns, small_plan

from gatewayd import clock
from gatewayd.evidence import Evidence, Facts, kept, opened
from gatewayd.evidence import evidence as evidence_module

BUDGET = 4_000_000


class WatchedEngine(SmallEngine):
    """Everything that it is fed and says goes to evidence, too."""

    def __init__(self, folder, *rules, max_size=BUDGET, before=10, after=5, assets=None, **plan):
        super().__init__(*rules, boot=clock.boot(), **plan)
        self.folder = folder
        facts = Facts(
            gateway="site",
            version="1",
            digest="abc",
            plan=self.plan,
            assets=assets or {},
            before=ns(before),
            after=ns(after),
        )
        self.evidence = Evidence(folder, max_size, facts)

    def feed(self, item):
        self.evidence.put(item)
        told = len(self.derived)
        output = super().feed(item)
        for derived in self.derived[told:]:
            self.evidence.derived(derived)
        self.evidence.told(output.records, self.engine.models)
        return output

    def files(self):
        """What the files say, the oldest first."""
        return [opened(each.path) for each in kept(self.folder)]


@asynccontextmanager
async def watched(folder, *rules, **more):
    """All is written at the end."""
    engine = WatchedEngine(folder, *rules, **more)
    engine.evidence.open()
    try:
        yield engine
    finally:
        engine.evidence.stop()
        with mock.patch.object(evidence_module, "CLOSE", PATIENCE):
            await engine.evidence.close()


__all__ = ["BUDGET", "WatchedEngine", "small_plan", "watched"]
