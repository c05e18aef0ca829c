"""The adapter: one scan that all sources share, and what becomes of it when BlueZ or the radio fails."""
