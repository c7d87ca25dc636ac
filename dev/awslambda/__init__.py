"""Lambda on this machine, as far as a container image with an extension sees it, and the two front doors of it."""
