"""What a recorded stack costs a month: rules from its resources to charges, and charges to lines in USD.

Data flows one way: a recording, usage and prices go into `estimate`, which asks each resource's rule for charges and
has a Meter price them.
"""
