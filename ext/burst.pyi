import numpy as np
from numpy.typing import NDArray

def burst_features(
    values: NDArray[np.float64], rate: float, features: tuple[str, ...], out: NDArray[np.float64]
) -> None: ...
