import numpy as np
from numpy.typing import NDArray

from gatewayd_ext.terms import Term

class Burst:
    def __init__(self, n: int, terms: tuple[Term, ...]) -> None: ...
    def compute(
        self,
        values: NDArray[np.float64] | NDArray[np.float32],
        rate: float,
        out: NDArray[np.float64],
        shaft: float = ...,
    ) -> None: ...
