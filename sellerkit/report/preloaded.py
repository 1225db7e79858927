"""What the template of `warm` imports: all that a report's notebook is going to use."""

import ipykernel.ipkernel  # noqa: F401
import ipykernel.kernelapp  # noqa: F401
import ipykernel.zmqshell  # noqa: F401
import pandas  # noqa: F401
import plotly.graph_objects  # noqa: F401

import sellerkit.measure
import sellerkit.report.due
import sellerkit.report.load
import sellerkit.report.portfolio
import sellerkit.show  # noqa: F401
