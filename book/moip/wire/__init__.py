"""What travels, byte by byte: each module really encodes and decodes one kind of bytes.

Import the module that a chapter needs (``from moip.wire import onion``); this package imports nothing itself. All
keys in it and in the tables that it reads are public test keys. Never send money to them.
"""
