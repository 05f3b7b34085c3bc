"""Python source as syntax: modules, scopes, names, imports, canonical forms."""
