"""The calculations of the book: pure functions, data in, numbers or a DataFrame out.

Import the module that a chapter needs (``from moip.quant import pow``); this package imports nothing itself.

blockspace    how much block space there is, and how far it goes among people
transactions  weights of transactions that are built, signed and serialized
subsidy       the issuance schedule and the fees that would replace it
pow           headers, targets, work, hash rate, intervals between blocks
doublespend   the race between an attacker and the honest chain
graph         the public Lightning graph: structure, cheapest routes and their price
liquidity     whether a payment gets through when balances are unknown
malleability  what anybody can change about a signed transaction without a key
quorum        theft and freezing of funds held by k of n signers
pegs          what a peg to another chain risks, and how long it takes to leave it
railcosts     what a year of payments costs on each rail, and which rail is best
spans         which layers technologies touch, which pairs they link, and what chance would give
rails         which wallets can pay which, and how many formats that takes
checksums     how likely a mistyped address, word or name passes
"""
