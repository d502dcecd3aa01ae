"""A peg: who can take or stop the money behind another chain, and what it takes for its users to leave.

*Quorums with a second way.* Some pegs have two ways to spend: k of n signers at any time, and fewer emergency keys after the
output has not moved for a while. `risks` puts the two together, with the common cause of `moip.quant.quorum` within each
group. The groups are taken as independent of each other, which flatters the peg.

*Leaving.* Every way out is paid in the block space of layer 1, so it has a rate; `days_to_leave` and `days_by_bundles`
say how long a number of people takes when the blocks hold nothing else.

*Hash rate as the signer.* BIP 300 lets blocks vote on bundles of withdrawals. A block votes for a bundle (+1 to its score,
-1 to that of every other), for none (no change) or against all ("alarm", -1), and a bundle must reach a score before it
expires. With a share f of the blocks for it and a share g against it, the score is a random walk with drift f - g and
variance f + g - (f - g)^2 a block; `approval_chance` is its first-passage probability in the diffusion limit (the inverse
Gaussian distribution), good to a block or so over the thousands that it takes. That the score cannot fall below zero is left
out: it matters only where f <= g, and nothing passes there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from . import blockspace, quorum

__all__ = ["BIP300", "HashrateEscrow", "Risks", "days_by_bundles", "days_to_leave", "risks"]


@dataclass(frozen=True, slots=True)
class Risks:
    """Probabilities in the period that the signers' probabilities are for."""

    stolen: float
    """Enough signers are compromised; or the peg freezes and enough emergency keys are."""
    frozen: float
    """Too few signers remain. Where there are emergency keys, they are needed now."""
    stuck: float
    """Frozen for good: too few emergency keys remain either, or there are none."""


def risks(
    signers: tuple[int, int],
    emergency: tuple[int, int] | None,
    p: float,
    beta: float = 0.0,
    p_emergency: float | None = None,
) -> Risks:
    """Risks of a peg with k of n `signers` and k of n `emergency` keys, or none.

    p: probability that a signer's key is compromised, and that it is lost; p_emergency: the same of an emergency key, by default
    p. beta: share of both that strikes all keys of a group at once. ValueError as in `moip.quant.quorum`.
    """
    theft, frozen = quorum.theft_probability(*signers, p, beta), quorum.freeze_probability(*signers, p, beta)
    if emergency is None:
        return Risks(theft, frozen, frozen)
    second = p if p_emergency is None else p_emergency
    taken = frozen * quorum.theft_probability(*emergency, second, beta)
    stuck = frozen * quorum.freeze_probability(*emergency, second, beta)
    return Risks(theft + (1 - theft) * taken, frozen, stuck)


def days_to_leave(people: blockspace.Number, weight_wu: float, share: float = 1.0) -> blockspace.Number:
    """Days of blocks that `people` fill who each need `weight_wu` weight units, with a `share` of all block space.

    ValueError unless the weight is positive and the share in (0, 1].
    """
    return 365 * np.asarray(people) / blockspace.transactions_per_year(weight_wu, share=share)


def days_by_bundles(people: blockspace.Number, bundle: int, blocks: float) -> blockspace.Number:
    """Days until `people` have left when `bundle` of them can leave every `blocks` blocks and bundles follow each other."""
    if bundle < 1 or blocks <= 0:
        raise ValueError(f"bundle is {bundle!r}, blocks is {blocks!r}; both must be greater than 0")
    per_day = blockspace.SECONDS_PER_DAY / blockspace.BITCOIN.target_spacing_s
    return np.ceil(np.asarray(people) / bundle) * blocks / per_day


@dataclass(frozen=True, slots=True)
class HashrateEscrow:
    """The numbers of a hashrate escrow. Defaults: BIP 300, "D2 (The Withdrawal List)", "M3 -- Propose Bundle", D1."""

    acks: int = 13_150
    """Score at which a bundle may be paid out. The block that proposes it counts as the first vote."""
    lifetime_blocks: int = 26_300
    """Blocks that a bundle lives, the one that proposes it included."""
    withdrawals: int = 6_000
    """Most withdrawals in a bundle; only one bundle of an escrow can succeed at a time."""
    escrows: int = 256
    """Escrows that there can be: their number is one byte."""

    @property
    def drift_needed(self) -> float:
        """Votes for it less votes against it, a block, that carry a bundle just in time."""
        return (self.acks - 1) / (self.lifetime_blocks - 1)

    def share_needed(self, opposed: bool) -> float:
        """Share of the hash rate that gets a bundle paid: the rest abstains, or votes against it."""
        return (1 + self.drift_needed) / 2 if opposed else self.drift_needed

    def share_to_block(self) -> float:
        """Share that stops a bundle for which all others vote."""
        return (1 - self.drift_needed) / 2

    def approval_blocks(self, in_favor: float, against: float = 0.0) -> float:
        """Blocks until a bundle is approved, on average; infinite where it would expire first."""
        self._check(in_favor, against)
        drift = in_favor - against
        if drift < self.drift_needed * (1 - 1e-12):
            return math.inf
        return 1 + (self.acks - 1) / drift

    def approval_chance(self, in_favor: float, against: float = 0.0) -> float:
        """Probability that a bundle reaches its score before it expires. ValueError for shares that are none."""
        from scipy.special import log_ndtr

        self._check(in_favor, against)
        drift, distance, time = in_favor - against, self.acks - 1, self.lifetime_blocks - 1
        variance = in_favor + against - drift**2
        if variance <= 0:
            return float(drift * time >= distance)
        spread = math.sqrt(variance * time)
        first = log_ndtr((drift * time - distance) / spread)
        second = 2 * drift * distance / variance + log_ndtr(-(drift * time + distance) / spread)
        return float(min(1.0, math.exp(first) + math.exp(second)))

    @staticmethod
    def _check(in_favor: float, against: float) -> None:
        if min(in_favor, against) < 0 or in_favor + against > 1 + 1e-12:
            raise ValueError(f"shares {in_favor!r} and {against!r} are not parts of one hash rate")


BIP300 = HashrateEscrow()
