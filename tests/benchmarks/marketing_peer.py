"""Run by `marketing.py` in the peer's own environment: how long does PyMC-Marketing's MAP take, and where does it end?

Arguments: a model's name (or rfm_summary), how many warm fits are timed, and .npz files of columns. One line of JSON a
file: the seconds of the first fit of the process, those of the later ones, and the parameters reached. The first fit
compiles.
"""

import json
import logging
import sys
import warnings
from time import perf_counter

warnings.simplefilter("ignore")


def fitted(name, table):
    """A new model fitted with the priors that it brings."""
    from pymc_marketing import clv

    model = getattr(clv, name)()
    model.fit(data=table, method="map", progressbar=False)
    return model


def summarised(path):
    """The seconds that one summary of a log takes."""
    import numpy as np
    import pandas as pd
    from pymc_marketing.clv import rfm_summary

    with np.load(path) as columns:
        table = pd.DataFrame({key: columns[key] for key in columns.files})
    table["day"] = pd.to_datetime(table["day"], unit="s")
    start = perf_counter()
    found = rfm_summary(table, "who", "day", "paid", observation_period_end="2026-01-01")
    return {"seconds": perf_counter() - start, "repeats": float(found["frequency"].sum())}


def main(name, runs, *paths):
    """One line a file."""
    if name == "rfm_summary":
        print(json.dumps(summarised(paths[0])), flush=True)
        return
    import numpy as np
    import pandas as pd

    logging.disable(logging.CRITICAL)
    for path in paths:
        with np.load(path) as columns:
            table = pd.DataFrame({key: columns[key] for key in columns.files})
        taken, model = [], None
        for _ in range(int(runs) + 1):
            start = perf_counter()
            model = fitted(name, table)
            taken.append(perf_counter() - start)
        found = {key: value.values.item() for key, value in model.fit_result.items() if value.size == 1}
        print(json.dumps({"first": taken[0], "warm": taken[1:], "found": found}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
