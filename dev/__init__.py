"""`make dev`: the service and the front end on this machine, in either topology."""
