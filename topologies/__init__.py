"""The ways to run the service, by the name the configuration gives them."""

from collections.abc import Mapping

from topologies.container import Container
from topologies.half import MakeHalf
from topologies.serverless import Serverless

TOPOLOGIES: Mapping[str, MakeHalf] = {"serverless": Serverless, "container": Container}
