"""protocol_constants: the numbers of Bitcoin and Lightning that chapters calculate with.

    python data/derive/protocol_constants.py BITCOIN_CORE BOLTS [--out FILE]

Each constant is read from the place that defines it: Bitcoin Core's source or a BOLT. The regular expression that
finds it stands beside it, so a number that changes upstream changes here, and a place that moved is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from upstream import Repository, main

FIELDS = ["constant", "value", "unit", "scope", "what", "path", "commit", "as_of", "source"]

CONSENSUS = "src/consensus/consensus.h"
AMOUNT = "src/consensus/amount.h"
POLICY = "src/policy/policy.h"
PARAMETERS = "src/kernel/chainparams.cpp"
PEERS, TRANSACTIONS, ONION, INVOICE = (
    "02-peer-protocol.md",
    "03-transactions.md",
    "04-onion-routing.md",
    "11-payment-encoding.md",
)


def number(text: str) -> int:
    """A number as C++ or prose writes it: 4'000'000, 14 * 24 * 60 * 60, 2^24."""
    product = 1
    for factor in text.replace("'", "").split("*"):
        base, _, exponent = factor.strip().partition("^")
        product *= int(base) ** int(exponent or 1)
    return product


def message_bytes(fields: str) -> int:
    """Length of a Lightning message from the list of its fields in the BOLT, the 2-byte type included."""
    sizes = {"channel_id": 32, "u64": 8, "sha256": 32, "u32": 4, "u16": 2, "byte": 1}
    kinds = re.findall(r"\[`(?:(\d+)\*)?(\w+)`:", fields)
    return 2 + sum(int(count or 1) * sizes[kind] for count, kind in kinds)


@dataclass(frozen=True)
class Constant:
    """One constant: where it stands (`path`, group 1 of `pattern`) and what it means.

    `scope`: consensus (every node enforces it), policy (a node's default, may differ), protocol (both peers of a
    channel), or default (what holds when nothing else is said).
    """

    name: str
    unit: str
    scope: str
    what: str
    path: str
    pattern: str
    read: Callable[[str], int] = number


BITCOIN = [
    Constant("max_block_weight_wu", "weight units", "consensus", "Largest weight of a block.",
             CONSENSUS, r"MAX_BLOCK_WEIGHT\{([\d']+)\}"),
    Constant("witness_scale_factor", "weight units/byte", "consensus",
             "Weight of a byte outside the witness; a byte of witness weighs 1.",
             CONSENSUS, r"WITNESS_SCALE_FACTOR = (\d+)"),
    Constant("max_block_sigops_cost", "sigop cost", "consensus", "Largest cost of signature checks in a block.",
             CONSENSUS, r"MAX_BLOCK_SIGOPS_COST\{([\d']+)\}"),
    Constant("coinbase_maturity_blocks", "blocks", "consensus", "Blocks before a block's reward can be spent.",
             CONSENSUS, r"COINBASE_MATURITY = (\d+)"),
    Constant("target_spacing_s", "s", "consensus", "Time between blocks that the difficulty aims at.",
             PARAMETERS, r"nPowTargetSpacing = ([\d *]+);"),
    Constant("target_timespan_s", "s", "consensus", "Time that a difficulty period aims at: two weeks.",
             PARAMETERS, r"nPowTargetTimespan = ([\d *]+);"),
    Constant("subsidy_halving_interval_blocks", "blocks", "consensus", "Blocks between halvings of the subsidy.",
             PARAMETERS, r"nSubsidyHalvingInterval = (\d+);"),
    Constant("coin_sat", "sat", "consensus", "Satoshis in a bitcoin.", AMOUNT, r"COIN\{([\d']+)\}"),
    Constant("max_future_block_time_s", "s", "consensus",
             "How far a block's time may lie ahead of a node's own clock.",
             "src/chain.h", r"MAX_FUTURE_BLOCK_TIME = ([\d *]+);"),
    Constant("max_standard_tx_weight_wu", "weight units", "policy", "Heaviest transaction that is relayed.",
             POLICY, r"MAX_STANDARD_TX_WEIGHT\{([\d']+)\}"),
    Constant("default_min_relay_fee_sat_per_kvb", "sat/kvB", "policy", "Lowest fee rate that is relayed.",
             POLICY, r"DEFAULT_MIN_RELAY_TX_FEE\{(\d+)\}"),
    Constant("default_incremental_relay_fee_sat_per_kvb", "sat/kvB", "policy",
             "How much more a replacement must pay for its own relay.",
             POLICY, r"DEFAULT_INCREMENTAL_RELAY_FEE\{(\d+)\}"),
    Constant("dust_relay_fee_sat_per_kvb", "sat/kvB", "policy",
             "Fee rate at which an output that costs more to spend than it holds counts as dust.",
             POLICY, r"DUST_RELAY_TX_FEE\{(\d+)\}"),
    Constant("default_block_min_tx_fee_sat_per_kvb", "sat/kvB", "policy",
             "Lowest fee rate that a miner's node puts into a block.",
             POLICY, r"DEFAULT_BLOCK_MIN_TX_FEE\{(\d+)\}"),
]  # fmt: skip

LIGHTNING = [
    Constant("max_accepted_htlcs", "HTLCs", "protocol", "Most payments in flight in one direction of a channel.",
             PEERS, r"`max_accepted_htlcs` is greater than (\d+)"),
    Constant("max_funding_without_large_channels_sat", "sat", "protocol",
             "A channel stays below this unless both peers offer option_support_large_channel.",
             PEERS, r"MUST set `funding_satoshis` to less than ([\d^]+) satoshi"),
    Constant("min_dust_limit_sat", "sat", "protocol", "Smallest dust limit that a peer accepts.",
             PEERS, r"`dust_limit_satoshis` is smaller than `(\d+) satoshis`"),
    Constant("cltv_expiry_delta_blocks", "blocks", "default", "Reasonable time lock difference for one hop.",
             PEERS, r"`cltv_expiry_delta` of at least (\d+) is reasonable"),
    Constant("update_add_htlc_bytes", "bytes", "protocol", "Message that offers a payment, without its TLV records.",
             PEERS, r"(?s)1\. type: 128 \(`update_add_htlc`\)\n2\. data:\n(.*?)\n\n", message_bytes),
    Constant("onion_packet_bytes", "bytes", "protocol", "Onion packet in the message update_add_htlc.",
             PEERS, r"\[`(\d+)\*byte`:`onion_routing_packet`\]"),
    Constant("onion_hop_payloads_bytes", "bytes", "protocol", "Part of the onion packet that all hops share.",
             ONION, r"\[`(\d+)\*byte`:`hop_payloads`\]"),
    Constant("commitment_weight_wu", "weight units", "protocol",
             "Expected weight of a commitment transaction without payments in flight, no anchors.",
             TRANSACTIONS, r"Commitment weight \(no option_anchors\): +(\d+)"),
    Constant("commitment_weight_anchors_wu", "weight units", "protocol",
             "Expected weight of a commitment transaction without payments in flight, with anchors.",
             TRANSACTIONS, r"Commitment weight \(option_anchors\): +(\d+)"),
    Constant("commitment_weight_per_htlc_wu", "weight units", "protocol",
             "What each payment in flight adds to a commitment transaction.",
             TRANSACTIONS, r"Commitment weight \(option_anchors\): +\d+ \+ (\d+)"),
    Constant("htlc_timeout_weight_wu", "weight units", "protocol",
             "Expected weight of the transaction that takes an expired payment back, no anchors.",
             TRANSACTIONS, r"HTLC-timeout weight \(no option_anchors\): (\d+)"),
    Constant("htlc_timeout_weight_anchors_wu", "weight units", "protocol",
             "Expected weight of the transaction that takes an expired payment back, with anchors.",
             TRANSACTIONS, r"HTLC-timeout weight \(option_anchors\): (\d+)"),
    Constant("htlc_success_weight_wu", "weight units", "protocol",
             "Expected weight of the transaction that claims a payment with its preimage, no anchors.",
             TRANSACTIONS, r"HTLC-success weight \(no option_anchors\): (\d+)"),
    Constant("htlc_success_weight_anchors_wu", "weight units", "protocol",
             "Expected weight of the transaction that claims a payment with its preimage, with anchors.",
             TRANSACTIONS, r"HTLC-success weight \(option_anchors\): (\d+)"),
    Constant("anchor_output_sat", "sat", "protocol", "Amount of an anchor output.",
             TRANSACTIONS, r"The amount of the output is fixed at (\d+) sats"),
    Constant("min_final_cltv_expiry_delta_blocks", "blocks", "default",
             "Blocks that the receiver of a payment keeps to claim it.",
             INVOICE, r"`min_final_cltv_expiry_delta` to use for the last HTLC in the route\. Default is (\d+)"),
    Constant("invoice_expiry_s", "s", "default", "How long an invoice is good for.",
             INVOICE, r"`expiry` time in seconds \(big-endian\)\. Default is (\d+)"),
]  # fmt: skip


def rows_of(constants: list[Constant], repository: Repository, source: str) -> Iterator[dict[str, object]]:
    """The constants of one repository."""
    for constant in constants:
        yield {
            "constant": constant.name,
            "value": constant.read(repository.find(constant.pattern, constant.path)[1]),
            "unit": constant.unit,
            "scope": constant.scope,
            "what": constant.what,
            "path": constant.path,
            "commit": repository.commit,
            "as_of": repository.date,
            "source": source,
        }


def compound(core: Repository) -> Iterator[dict[str, object]]:
    """Constants that Bitcoin Core writes as a product or a quotient of others."""
    common = {"scope": "consensus", "commit": core.commit, "as_of": core.date, "source": "repo-bitcoin-core"}
    coin = number(core.find(r"COIN\{([\d']+)\}", AMOUNT)[1])
    timespan, spacing = (
        number(core.find(rf"nPowTarget{name} = ([\d *]+);", PARAMETERS)[1]) for name in ("Timespan", "Spacing")
    )
    yield common | {
        "constant": "initial_subsidy_sat",
        "value": number(core.find(r"CreateGenesisBlock\(\d+, \d+, \w+, \d+, (\d+) \* COIN\)", PARAMETERS)[1]) * coin,
        "unit": "sat",
        "what": "New money in each of the first 210,000 blocks.",
        "path": PARAMETERS,
    }
    yield common | {
        "constant": "max_money_sat",
        "value": number(core.find(r"MAX_MONEY\{([\d']+) \* COIN\}", AMOUNT)[1]) * coin,
        "unit": "sat",
        "what": "No amount above this is valid. It is a bound for checks, not the supply.",
        "path": AMOUNT,
    }
    yield common | {
        "constant": "retarget_interval_blocks",
        "value": timespan // spacing,
        "unit": "blocks",
        "what": "Blocks between changes of difficulty.",
        "path": PARAMETERS,
    }


def derive(core: Repository, bolts: Repository) -> Iterator[dict[str, object]]:
    """All rows, by name."""
    rows = [
        *rows_of(BITCOIN, core, "repo-bitcoin-core"),
        *compound(core),
        *rows_of(LIGHTNING, bolts, "repo-bolts"),
    ]
    yield from sorted(rows, key=lambda row: str(row["constant"]))


if __name__ == "__main__":
    main("protocol_constants", ["bitcoin_core", "bolts"], FIELDS, derive)
