"""The sensor plugins that ship with gatewayd, each written as a third party would write it."""
