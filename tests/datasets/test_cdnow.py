"""Are the published data shipped whole and unchanged? Totals were summed from the text files by another program."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from relmkt.datasets import cdnow, cdnow_sample, donations


def test_every_purchase_of_every_customer_is_there() -> None:
    base = cdnow()
    assert len(base) == 69_659
    assert len(np.unique(base.customer)) == 23_570
    assert int(base.cents.sum()) == 250_031_563
    assert int(base.cds.sum()) == 167_881
    assert base.currency == "USD"


def test_repeated_rows_and_zero_amounts_are_kept() -> None:
    base = cdnow()
    rows = Counter(zip(base.customer.tolist(), base.at.tolist(), base.cds.tolist(), base.cents.tolist(), strict=True))
    assert sum(rows.values()) - len(rows) == 255
    assert int((base.cents == 0).sum()) == 80


def test_days_stand_at_midnight_utc_between_the_published_ends() -> None:
    base = cdnow()
    assert not (base.at % 86_400_000_000).any()
    assert str(base.columns["day"].min()) == "1997-01-01"
    assert str(base.columns["day"].max()) == "1998-06-30"


def test_first_and_last_rows_stand_as_in_the_file() -> None:
    base = cdnow()
    at = np.array(["1997-01-01", "1998-06-30"], dtype="datetime64[us]").astype(np.int64)
    assert (base.customer[0], base.at[0], base.cds[0], base.cents[0]) == ("00001", at[0], 1, 1_177)
    assert (base.customer[-1], base.cds[-1], base.cents[-1]) == ("23570", 2, 4_296)
    assert (np.diff(base.customer.astype(int)) >= 0).all()


def test_amounts_as_floats_round_back_to_the_cent() -> None:
    base = cdnow()
    assert (np.rint(base.columns["amount"] * 100) == base.cents).all()


def test_the_sample_is_the_published_tenth() -> None:
    sample = cdnow_sample()
    assert len(sample) == 6_919
    assert len(sample.sample) == len(np.unique(sample.customer)) == 2_357
    assert int(sample.cents.sum()) == 24_409_194
    assert int(sample.cds.sum()) == 16_479
    assert sample.sample[:3].tolist() == ["00004", "00021", "00050"]


def test_donations_have_eleven_thousand_donors() -> None:
    donors = donations()
    assert len(donors) == 22
    assert int(donors.weights.sum()) == 11_104
    assert (donors.recency >= donors.frequency).all()
    assert int((donors.frequency * donors.weights).sum()) == 24_615
    assert set(donors.periods.tolist()) == {6}


@pytest.mark.parametrize("data", [cdnow(), cdnow_sample(), donations()])
def test_the_columns_cannot_be_changed(data: object) -> None:
    for name in ("customer", "at", "cents", "sample", "frequency", "weights"):
        if hasattr(data, name):
            with pytest.raises(ValueError, match="read-only"):
                getattr(data, name)[0] = 0


def test_the_origin_is_stated() -> None:
    assert "Fader" in cdnow().origin
    assert "Shang" in donations().origin


def test_importing_the_datasets_does_not_load_numpy() -> None:
    asked = "import sys, relmkt.datasets; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
