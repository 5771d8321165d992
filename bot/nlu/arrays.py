"""The type of a numeric array; shapes are said in words."""

from typing import Any

import numpy.typing

Array = numpy.typing.NDArray[Any]
