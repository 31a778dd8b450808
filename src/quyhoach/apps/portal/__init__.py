"""The public pages: the map page and the answer in words. Reads the published release through `provider` only."""
