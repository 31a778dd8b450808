"""One rule per file; the list is in `validate.catalogue`."""
