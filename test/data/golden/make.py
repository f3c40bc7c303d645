"""Makes the files beside it: python make.py, with numpy 2.4.6, pyarrow 26.0.1, polars 2.1.0, netCDF4 1.7.5"""
from pathlib import Path

import netCDF4
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

here = Path(__file__).parent
grid = np.arange(6).reshape(2, 3)

arrays = {kind: (grid - 2).astype(kind) for kind in ["i1", "i2", "i4", "i8", "f2", "f4", "f8"]}
arrays |= {kind: grid.astype(kind) for kind in ["u1", "u2", "u4", "u8"]}
arrays |= {f"big_{kind}": (grid - 2).astype(">" + kind) for kind in ["i2", "i4", "i8", "f4", "f8"]}
arrays |= {
    "fortran": np.asfortranarray(np.arange(24.0).reshape(2, 3, 4)),
    "bool": grid % 2 == 0,
    "large_i8": np.array([2**53 - 1, -(2**40), 3]),
    "large_u4": np.array([2**32 - 1, 3], dtype="u4"),
    "scalar": np.float32(2.5),
    "empty": np.zeros((0, 3)),
    "half": np.array([0, -0.0, 1, -2, 65504, 2**-24, 0.1, np.inf, -np.inf, np.nan], dtype="f2"),
}
np.savez_compressed(here / "arrays.npz", **arrays)
np.savez(here / "refused.npz", good=grid.astype("f4"), bad=grid.astype("c8"))

table = pa.table(
    {
        "plain": pa.array([0.5 * i for i in range(10)], pa.float64()),
        "count": pa.array([*range(9), None], pa.int64()),
        "flag": pa.array([i % 3 == 0 for i in range(10)]),
        "colour": pa.array(["red", "green", "blue", "red", None, "blue", "red", "green", "blue", "red"]),
        "small": pa.array(range(10), pa.int8()),
        "single": pa.array([i / 7 for i in range(10)], pa.float32()),
        "when": pa.array(range(10), pa.timestamp("ms")),
        "y": pa.array([float(i * i) for i in range(10)]),
    }
)
codecs = dict(
    zip(table.column_names, ["none", "snappy", "gzip", "zstd", "brotli", "lz4", "snappy", "zstd"], strict=True)
)
pq.write_table(table, here / "codecs.parquet", compression=codecs, row_group_size=4)
pl.DataFrame({"a": [1, 2, 3], "b": [1.5, 2.5, 3.5]}).write_parquet(here / "polars.parquet")

with netCDF4.Dataset(here / "records.nc", "w", format="NETCDF3_CLASSIC") as file:
    file.title = "Grüße"
    file.createDimension("time", None)
    file.createDimension("x", 3)
    time = file.createVariable("time", "f8", ("time",))
    time.units = "days since 2000-01-01"
    time[:] = [1.5, 2.5, 3.5, 4.5]
    packed = file.createVariable("packed", "i2", ("time", "x"), fill_value=-999)
    packed.scale_factor = 0.5
    packed.add_offset = 10.0
    packed.valid_range = np.array([-100, 100], dtype="i2")
    packed[:] = np.ma.masked_equal(10 + 0.5 * np.arange(12).reshape(4, 3), 13.5)
    byte = file.createVariable("byte", "i1", ("x",))
    byte[:] = [-1, 0, 1]
    short = file.createVariable("short", "i2", ("x",))  # three values: the file fills up to whole words
    short[:] = [7, 8, 9]
    letters = file.createVariable("letters", "S1", ("x",))
    letters[:] = np.array([b"a", b"b", b"c"])
    scalar = file.createVariable("scalar", "i4", ())
    scalar[...] = 42
with netCDF4.Dataset(here / "alone.nc", "w", format="NETCDF3_64BIT_OFFSET") as file:
    file.createDimension("time", None)
    file.createDimension("x", 3)
    short = file.createVariable("short", "i2", ("time", "x"))  # alone in its records, so nothing is filled up
    short[:] = np.arange(12).reshape(4, 3)
with netCDF4.Dataset(here / "hdf5.nc", "w", format="NETCDF4") as file:
    file.createDimension("x", 1)
