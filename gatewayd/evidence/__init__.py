"""The evidence: for each alarm a file with all that was known around it, kept on the gateway within a byte budget.

`Evidence` gathers in the daemon: it sees what the engine is fed and derives, and the alarms that follow. `kept` and
`opened` read the files, whether the daemon runs or not. docs/evidence.md tells what is in them.
"""

from gatewayd.evidence.evidence import Evidence, EvidenceStatus
from gatewayd.evidence.facts import Facts
from gatewayd.evidence.folder import Kept, kept
from gatewayd.evidence.reading import EvidenceError, exported, opened

__all__ = ["Evidence", "EvidenceError", "EvidenceStatus", "Facts", "Kept", "exported", "kept", "opened"]
