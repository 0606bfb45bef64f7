"""Answers whose reliability is published: two of the pingouin documentation's examples, and R's `attitude`.

`ATTITUDE`: Chatterjee & Price (1977), Regression Analysis by Example: 30 departments, per cent of favourable answers.
"""

import numpy as np
from numpy.typing import NDArray


def _rows(told: str) -> NDArray[np.float64]:
    return np.array([row.split() for row in told.replace(".", "nan").strip().splitlines()], np.float64)


TEN_ITEMS = _rows("""
3 2 4 1 4 5 1 4 3 2
5 4 6 3 5 1 2 5 5 5
7 3 5 5 6 4 3 3 6 5
2 4 3 3 2 2 2 6 6 3
6 5 6 5 4 4 4 6 7 5
1 2 3 4 2 5 2 3 5 2
4 3 5 3 5 2 1 2 4 3
2 4 4 3 7 2 2 4 6 5
6 5 5 5 1 6 5 2 3 2
5 4 6 4 3 5 3 1 7 2
4 3 5 2 5 3 2 3 4 1
4 2 3 2 5 3 4 2 3 4
5 5 6 2 3 3 2 4 4 5
6 5 5 4 2 2 1 4 6 5
4 3 5 5 3 1 3 2 3 4
""")
ELEVEN_ITEMS = _rows("""
1 1 1 1 1 1 1 1 1 1 1
1 1 1 1 1 1 1 1 0 1 0
. 0 1 1 . 1 1 1 1 0 0
1 1 1 0 1 1 0 1 1 0 0
1 1 1 1 1 0 0 0 1 0 0
0 1 . 0 1 1 1 1 0 0 0
1 1 1 1 0 0 1 0 0 0 0
1 1 1 1 1 0 0 0 0 0 0
0 1 0 1 1 0 0 0 0 1 0
1 0 0 1 0 1 0 0 . 0 0
1 1 1 0 0 0 0 0 0 0 0
1 0 0 1 0 0 0 0 0 0 0
""")
ATTITUDE = {
    "rating": "43 63 71 61 81 43 58 71 72 67 64 67 69 68 77 81 74 65 65 50 50 64 53 40 63 66 78 48 85 82",
    "complaints": "51 64 70 63 78 55 67 75 82 61 53 60 62 83 77 90 85 60 70 58 40 61 66 37 54 77 75 57 85 82",
    "privileges": "30 51 68 45 56 49 42 50 72 45 53 47 57 83 54 50 64 65 46 68 33 52 52 42 42 66 58 44 71 39",
    "learning": "39 54 69 47 66 44 56 55 67 47 58 39 42 45 72 72 69 75 57 54 34 62 50 58 48 63 74 45 71 59",
    "raises": "61 63 76 54 71 54 66 70 71 62 58 59 55 59 79 60 79 55 75 64 43 66 63 50 66 88 80 51 77 64",
    "critical": "92 73 86 84 83 49 68 66 83 80 67 74 63 77 77 54 79 80 85 78 64 80 80 57 75 76 78 83 74 78",
    "advance": "45 47 48 35 47 34 35 41 31 41 34 41 25 35 46 36 63 60 46 52 33 41 37 49 33 72 49 38 55 39",
}
D3 = np.array([column.split() for column in ATTITUDE.values()], np.float64).T
