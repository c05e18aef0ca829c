"""`python -m gatewayd.isolation.child FD LINE`: the process of one isolated line. Only the gateway starts it."""

import sys

from gatewayd.isolation.child.main import main

main(int(sys.argv[1]))
