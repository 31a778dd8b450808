"""The read side over HTTP (ASGI): look-up, tiles, search, plans, files. Reads releases, never the office database."""
