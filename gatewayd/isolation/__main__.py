"""`python -m gatewayd.isolation FD LINE`: the process of one isolated line. The gateway starts it, nobody else does."""

import sys

from gatewayd.isolation.child import main

main(int(sys.argv[1]))
