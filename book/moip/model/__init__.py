"""The reference model as code: layers, technologies, services, stacks, properties, requirements.

>>> from moip.model import Catalog, Stack
>>> Stack.of("bitcoin", "p2wpkh", "mnemonic", "full-node", "bitcoin-transfer", "coin-selection", "bip21", "sparrow").well_formed
True

`Catalog` holds what the tables say; `Stack` is a choice from it; `moip.model.enumerate` finds all that are well
formed; `moip.model.decompose` says how much of a property a layer explains, `moip.model.placement` which layer decides
it; `moip.model.requirements` checks stacks against the numbered requirements; `moip.model.rules` checks the tables;
`moip.model.register` compares two codings.
"""

from .catalog import Catalog, CatalogError, Member, Service
from .layers import Layer, layers
from .properties import MONOIDS, UNKNOWN, Monoid, Property, properties
from .stacks import Stack, StackError

__all__ = [
    "MONOIDS", "UNKNOWN", "Catalog", "CatalogError", "Layer", "Member", "Monoid", "Property", "Service", "Stack",
    "StackError", "layers", "properties",
]  # fmt: skip
