"""Types: the dimensions of some common rolling bearings, each with the public source that they are from.

A type's designation fixes its outer dimensions (ISO 15), not its balls: makers differ in number and size within a type,
and may change them. The orders then differ by up to a few percent, which can be more than the slip that is allowed
for; the maker's own figures for the bearing at hand are always better. What has no source that anyone can look up is
not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatewayd.features.bearings.geometry import Geometry

_BY_SOURCE: Mapping[str, Mapping[str, Geometry]] = {
    "Case Western Reserve University, Bearing Data Center (SKF 6203-2RS JEM, 6205-2RS JEM)": {
        "6203": Geometry(8, 6.746, 28.50),
        "6205": Geometry(9, 7.940, 39.04),
    },
    "XJTU-SY bearing datasets, Xi'an Jiaotong University (LDK UER204)": {
        "UER204": Geometry(8, 7.92, 34.55),
    },
    "NPTEL course 112103024, module 15, example 15.2 (MB ER-10K)": {
        "ER-10K": Geometry(8, 7.938, 33.50),
    },
    "Curtin University, G. Forbes: inner and outer race bearing faults, 2012 (MB ER-16K)": {
        "ER-16K": Geometry(9, 7.9375, 38.50),
    },
    "NASA Prognostics Data Repository, IMS bearings (Rexnord ZA-2115, per row)": {
        "ZA-2115": Geometry(16, 8.407, 71.50, 15.17),
    },
    "second-hand: balls of standard sizes in public code for these types, on the mean of bore and outside diameter": {
        "6206": Geometry(9, 9.525, 46.0),
        "6207": Geometry(9, 11.112, 53.5),
        "6208": Geometry(9, 12.0, 60.0),
        "6308": Geometry(8, 15.081, 65.0),
        "6309": Geometry(8, 17.462, 72.5),
        "6310": Geometry(8, 19.05, 80.0),
        "6312": Geometry(8, 22.225, 95.0),
        "6314": Geometry(8, 25.4, 110.0),
    },
}

TYPES: Mapping[str, Geometry] = MappingProxyType(
    {name: each for group in _BY_SOURCE.values() for name, each in group.items()}
)
"""Dimensions in mm by type, such as "6205" (seals, cages and clearances, as in 6205-2RS, make no difference)."""

SOURCES: Mapping[str, str] = MappingProxyType({name: source for source, group in _BY_SOURCE.items() for name in group})
"""Where the dimensions of each type are from."""
