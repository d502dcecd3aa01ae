"""How long a specification is, by one rule for every series.

The rule looks at the source text as it is published, markup and examples included, and counts a *word* for every run
of characters between white space that has at least one letter. So tables' rules, bullets, lone numbers and drawings
made of dashes do not count, while names, headings and hexadecimal examples do. An obligation is the word MUST (or
SHOULD) in capitals, `MUST NOT` included, unless an opening quotation mark stands before it: that leaves out the
sentence which says how the capital words are to be read. They were defined in 1997 (RFC 2119); some texts used them
before and some do without them since, so a count of 0 does not mean that a text obliges nobody.
"""

from __future__ import annotations

import re

WORD = re.compile(r"\S*[^\W\d_]\S*")


def words(text: str) -> int:
    """Number of words of a text.

    >>> words("| a | - | 3.1 |  `b`, see [c](d.md)")
    4
    """
    return len(WORD.findall(text))


def obligations(text: str, keyword: str) -> int:
    """How often a capital key word of RFC 2119 is used, not counting where it is quoted.

    >>> obligations('"MUST" is a key word. A node MUST answer and MUST NOT lie.', "MUST")
    2
    """
    return len(re.findall(rf"(?<![\"“'‘])\b{keyword}\b", text))
