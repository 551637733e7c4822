from __future__ import annotations

import numpy as np

from qlstm.plots import forecast_png


def test_picture_is_a_png_and_the_same_each_time():
    y = np.sin(np.arange(30.0))
    pictures = [
        forecast_png("sine", y, {"model": y + 0.1, "persistence": y}, {"model": (1.0, 0.1)}) for _ in range(2)
    ]
    assert pictures[0].startswith(b"\x89PNG\r\n")
    assert pictures[0] == pictures[1]
