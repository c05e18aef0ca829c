"""Geometry: where the faults of a rolling bearing show, from its number of balls and its dimensions."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass


@dataclass(frozen=True, slots=True)
class Orders:
    """How often something of a bearing happens in one turn of the shaft, while the outer ring stands still.

    `bpfo`: a ball passes a point of the outer race; `bpfi`: a ball passes a point of the inner race; `bsf`: a ball
    turns about itself (a flaw of it strikes both races, so that its lines are those of 2 x bsf); `ftf`: the cage turns.
    Raises ValueError for what no bearing can have.
    """

    bpfo: float
    bpfi: float
    bsf: float
    ftf: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(order) and order > 0 for order in astuple(self)):
            raise ValueError(f"expected four positive numbers, got {self}")
        if self.bpfi <= self.bpfo:
            raise ValueError(f"balls pass the inner race more often: expected bpfi above bpfo, got {self}")
        if self.ftf >= 0.5:
            raise ValueError(
                f"the cage turns less than half as fast as the shaft: expected ftf below 0.5, got {self}; what is in "
                "Hz must be divided by the shaft's speed"
            )
        if abs(self.bpfo * (1 / self.ftf - 1) / self.bpfi - 1) > 0.03:
            raise ValueError(f"bpfo / bpfi is ftf / (1 - ftf) in every bearing, but not here: {self}")
        ratio = (self.bpfi - self.bpfo) / (self.bpfi + self.bpfo)
        if self.bsf > 1.5 * (1 - ratio**2) / (2 * ratio):  # which it is with a contact angle of 0
            raise ValueError(f"balls do not spin as fast: {self}; is 2 x BSF given instead of BSF?")

    def __str__(self) -> str:
        return f"bpfo = {self.bpfo:g}, bpfi = {self.bpfi:g}, bsf = {self.bsf:g}, ftf = {self.ftf:g}"


@dataclass(frozen=True, slots=True)
class Geometry:
    """Dimensions of a rolling bearing.

    `ball_diameter` and `pitch_diameter` (of the circle through the centres of the balls) are in any one unit of length,
    the contact `angle` is in degrees. Rollers count as balls.

    Raises ValueError for what cannot be built.
    """

    balls: int
    ball_diameter: float
    pitch_diameter: float
    angle: float = 0.0

    def __post_init__(self) -> None:
        if self.balls < 3:
            raise ValueError(f"a bearing has at least 3 balls, got {self.balls}")
        if not (math.isfinite(self.pitch_diameter) and 0 < self.ball_diameter < self.pitch_diameter):
            raise ValueError(
                f"expected a ball diameter above 0 and below the pitch diameter, got {self.ball_diameter:g} and "
                f"{self.pitch_diameter:g}"
            )
        if not 0 <= self.angle < 90:
            raise ValueError(f"expected a contact angle from 0 to below 90 degrees, got {self.angle:g}")
        self._check_room()

    def _check_room(self) -> None:
        room = math.pi / math.asin(self.ball_diameter / self.pitch_diameter)
        if self.balls > room:
            raise ValueError(
                f"{self.balls} balls of {self.ball_diameter:g} have no room on a circle of {self.pitch_diameter:g}: "
                f"at most {math.floor(room)}; is the pitch diameter (of the ball centres) meant?"
            )

    def orders(self) -> Orders:
        """The fault frequencies in orders of the shaft, for balls that roll without slip.

        Formulas: R. B. Randall, J. Antoni, "Rolling element bearing diagnostics: a tutorial", Mechanical Systems and
        Signal Processing 25 (2011), equations 1 to 4. Slip makes real ones differ by up to 1 or 2 %.
        """
        ratio = self.ball_diameter / self.pitch_diameter * math.cos(math.radians(self.angle))
        return Orders(
            bpfo=self.balls / 2 * (1 - ratio),
            bpfi=self.balls / 2 * (1 + ratio),
            bsf=self.pitch_diameter / (2 * self.ball_diameter) * (1 - ratio**2),
            ftf=(1 - ratio) / 2,
        )
