"""Money over IP: the library that the book's chapters compute with."""
