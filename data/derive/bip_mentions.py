"""bip_mentions: which programs name which BIP in their source code.

    python data/derive/bip_mentions.py BIPS REPOSITORY... [--out FILE]     (one for each of PROGRAMS, in their order)

The programs are those that the register lists as software or hardware by their own source code, and Bitcoin Core and
JoinMarket, which the register knows from other sources. One row for each BIP that at least one source file
names, as ``BIP 32``, ``BIP-0032``, ``bip_32`` or inside a word (``isBip32Path``). Documents, translations and folders
of copied code are left out. To name a BIP is a sign that a program has to do with it, not that it implements it; and
a wallet that leaves the work to a library may never name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from upstream import Repository, UpstreamError, main, natural

FIELDS = ["specification", "program", "files", "commit", "as_of", "source"]

# Program -> key of its repository in the bibliography.
PROGRAMS = {
    "Alby browser extension": "repo-alby-extension",
    "Alby Hub": "repo-alby-hub",
    "AQUA": "repo-aqua",
    "Bitcoin Connect": "repo-bitcoin-connect",
    "Bitcoin Core": "repo-bitcoin-core",
    "Bitcoin Dev Kit": "repo-bdk",
    "bitcoin-payment-instructions": "repo-bitcoin-payment-instructions",
    "BitBox02": "repo-bitbox02",
    "Bisq": "repo-bisq",
    "Bleskomat": "repo-bleskomat",
    "BlueWallet": "repo-bluewallet",
    "Bolt Card": "repo-boltcard",
    "Breez mobile": "repo-breezmobile",
    "Breez SDK": "repo-breez-spark-sdk",
    "BTCPay Server": "repo-btcpayserver",
    "Cake Wallet": "repo-cake-wallet",
    "cashu.me": "repo-cashu-me",
    "CLBOSS": "repo-clboss",
    "Coldcard": "repo-coldcard",
    "Core Lightning": "repo-core-lightning",
    "Eclair": "repo-eclair",
    "eigenwallet": "repo-eigenwallet",
    "Electrum": "repo-electrum",
    "HWI": "repo-hwi",
    "Jade": "repo-jade",
    "JoinMarket": "repo-joinmarket-clientserver",
    "Krux": "repo-krux",
    "Lamassu server": "repo-lamassu-server",
    "LDK": "repo-ldk",
    "Ledger": "repo-ledger-app-bitcoin",
    "Liana": "repo-liana",
    "LNbits": "repo-lnbits",
    "LND": "repo-lnd",
    "LndHub": "repo-lndhub",
    "mempool": "repo-mempool",
    "Mostro": "repo-mostro",
    "Muun": "repo-muun",
    "Nunchuk": "repo-nunchuk-android",
    "Orange SDK": "repo-orange-sdk",
    "Passport": "repo-passport2",
    "Phoenix": "repo-phoenix",
    "Ride The Lightning": "repo-rtl",
    "SeedSigner": "repo-seedsigner",
    "Sparrow": "repo-sparrow",
    "Stable Channels": "repo-stable-channels",
    "TPoS": "repo-tpos",
    "Trezor": "repo-trezor-firmware",
    "Wasabi Wallet": "repo-wasabi",
    "ZEUS": "repo-zeus",
}

SUFFIXES = [
    "c", "cc", "cpp", "cs", "cxx", "dart", "go", "h", "hpp", "hs", "java", "js", "jsx", "kt", "m", "mjs", "mm", "move",
    "php", "py", "rb", "rs", "scala", "swift", "ts", "tsx", "vue",
]  # fmt: skip
COPIED = ["vendor", "vendored", "third_party", "third-party", "node_modules", "extern", "external", "extmod", "depends"]
NAMED = re.compile(r"bips?[-_ #]?0{0,2}([1-9]\d{0,2})(?!\d)", re.IGNORECASE)


def named(repository: Repository) -> Counter[int]:
    """Number of a BIP -> how many source files name it."""
    paths = [f":(icase)*.{suffix}" for suffix in SUFFIXES]
    paths += [f":(exclude,icase,glob)**/{folder}/**" for folder in COPIED]
    pattern = "bips?[-_ #]?[0-9]{1,4}"
    try:
        found = repository.git("grep", "-I", "-i", "-o", "-z", "-E", pattern, repository.commit, "--", *paths)
    except UpstreamError as error:
        if str(error).endswith(": "):  # git finds nothing: it fails and says nothing
            return Counter()
        raise
    pairs = set()
    for line in found.decode("utf-8", "replace").splitlines():
        place, _, text = line.rpartition("\0")
        pairs |= {(place, int(number)) for number in NAMED.findall(text)}
    return Counter(number for _, number in pairs)


def derive(bips: Repository, *repositories: Repository) -> Iterator[dict[str, object]]:
    """All rows, by BIP and program; numbers that no BIP has are left out."""
    known = {int(path[4:8]) for path in bips.files(r"bip-\d{4}\.(?:mediawiki|md)")}
    rows = [
        {
            "specification": f"bip{number}",
            "program": program,
            "files": files,
            "commit": repository.commit,
            "as_of": repository.date,
            "source": source,
        }
        for (program, source), repository in zip(PROGRAMS.items(), repositories, strict=True)
        for number, files in named(repository).items()
        if number in known
    ]
    yield from sorted(rows, key=lambda row: (natural(str(row["specification"])), str(row["program"]).lower()))


if __name__ == "__main__":
    main("bip_mentions", ["bips", *(source.removeprefix("repo-") for source in PROGRAMS.values())], FIELDS, derive)
