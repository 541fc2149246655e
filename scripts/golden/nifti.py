"""Makes test/golden/nifti: small files written by nibabel and what nibabel reads from them.

Run with a Python that has nibabel and numpy: python3 scripts/golden/nifti.py
"""

import gzip
import json
import logging
from pathlib import Path

import nibabel as nib
import numpy as np

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "nifti"
SHAPE = (4, 3, 2)
TYPES = ("uint8", "int8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64")
rng = np.random.default_rng(7)
# Some files are meant to be odd; nibabel would say so on every run.
logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)


def rotation(axis, degrees):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrix = np.eye(3)
    i, j = [k for k in range(3) if k != axis]
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix


def affine(matrix, spacing, origin):
    out = np.eye(4)
    out[:3, :3] = matrix @ np.diag(spacing)
    out[:3, 3] = origin
    return out


OBLIQUE = affine(rotation(0, 20) @ rotation(2, -35), (1.0, 1.25, 3.0), (-30.5, 12.25, 7.0))
LEFT = affine(rotation(1, 15) @ np.diag([-1.0, 1.0, 1.0]), (0.9, 0.9, 2.0), (80.0, -90.0, -20.0))
HALF_TURN = affine(np.diag([-1.0, -1.0, 1.0]) @ rotation(2, 1e-3), (1.0, 1.0, 1.5), (1.0, 2.0, 3.0))


def values(dtype, shape=SHAPE):
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=shape).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, size=shape, dtype=dtype)


def image(dtype, matrix, sform=1, qform=1, version=1, endian="<", shape=SHAPE, pair=False, qmatrix=None, **fields):
    """A nibabel image; `fields` are written into its header as they are."""
    kinds = {(1, False): nib.Nifti1Image, (1, True): nib.Nifti1Pair, (2, False): nib.Nifti2Image, (2, True): nib.Nifti2Pair}
    kind = kinds[version, pair]
    # Without an affine beside its header, nibabel writes the header's forms as they are.
    img = kind(
        values(dtype, shape).astype(np.dtype(dtype).newbyteorder(endian)),
        None,
        kind.header_class(endianness=endian),
        dtype=np.dtype(dtype),
    )
    img.header.set_qform(matrix if qmatrix is None else qmatrix, qform)
    img.header.set_sform(matrix if sform else None, sform)
    img.header.set_xyzt_units("mm", "sec")
    for name, value in fields.items():
        img.header[name] = value
    return img


def edited(img, **fields):
    """The bytes of a single file with header fields changed after nibabel has written it."""
    data = bytearray(img.to_bytes())
    dtype = img.header.structarr.dtype
    for name, value in fields.items():
        index = None
        if isinstance(value, tuple):
            index, value = value
        field, offset = dtype.fields[name][:2]
        if index is not None:
            field, offset = field.base, offset + index * field.base.itemsize
        data[offset : offset + field.itemsize] = np.array(value, field.base).tobytes()
    return bytes(data)


def files():
    """Names with the images or bytes of single files."""
    for version in (1, 2):
        for endian, name in (("<", "little"), (">", "big")):
            for dtype in TYPES:
                yield f"v{version}-{name}-{dtype}.nii", image(dtype, LEFT, version=version, endian=endian)
    yield "oblique.nii", image("int16", OBLIQUE)
    yield "left-handed.nii", image("uint8", LEFT, sform=0, qform=1)
    yield "qform-only.nii.gz", image("float32", OBLIQUE, sform=0, qform=2)
    yield "sform-only.nii", image("int16", OBLIQUE, sform=4, qform=0)
    yield "forms-differ.nii", image("int16", OBLIQUE, sform=2, qform=1, qmatrix=LEFT)
    yield "half-turn.nii", image("int16", HALF_TURN, sform=0, qform=3)
    yield "v2-oblique.nii.gz", image("float32", OBLIQUE, version=2, dim_info=0b111001)
    yield "v2-qform-only.nii", image("int16", OBLIQUE, sform=0, qform=1, version=2)
    yield "v2-forms-differ.nii", image("int16", OBLIQUE, sform=5, qform=1, version=2, endian=">", qmatrix=HALF_TURN)
    for version, prefix in ((1, ""), (2, "v2-")):
        yield f"{prefix}no-forms.nii", edited(image("int16", OBLIQUE, version=version), qform_code=0, sform_code=0)
    plain = image("int16", OBLIQUE, sform=0, qform=1)
    yield "qfac-zero.nii", edited(plain, pixdim=(0, 0.0))
    yield "spacing-zero.nii", edited(plain, pixdim=(2, 0.0))
    yield "spacing-negative.nii", edited(plain, pixdim=(1, -1.5))
    yield "unknown-code.nii", edited(image("int16", OBLIQUE, qmatrix=LEFT), sform_code=7)
    yield "described.nii", image("int16", OBLIQUE, dim_info=0b110110, descrip=b"A PATIENT", aux_file=b"patient.txt", intent_name=b"patient", db_name=b"patient")

    stored = image("int16", OBLIQUE)
    nan, infinity = float("nan"), float("inf")
    for name, slope, inter in (
        ("scaled", 0.25, -100.0),
        ("scaled-negative", -3.0, 7.5),
        ("slope-zero", 0.0, 5.0),
        ("slope-nan", nan, 5.0),
        ("slope-infinite", infinity, nan),
    ):
        yield f"{name}.nii", edited(stored, scl_slope=slope, scl_inter=inter)
    yield "v2-scaled.nii", edited(image("uint8", LEFT, version=2), scl_slope=0.1, scl_inter=1e3)
    yield "big-scaled.nii", edited(image("uint16", LEFT, endian=">"), scl_slope=2.5, scl_inter=-1.0)

    yield "series.nii", image("int16", OBLIQUE, shape=(*SHAPE, 3))
    yield "v2-series.nii.gz", image("float32", LEFT, shape=(*SHAPE, 2), version=2, endian=">")
    yield "series-of-series.nii", image("uint8", OBLIQUE, shape=(*SHAPE, 2, 3))
    yield "trailing-ones.nii", edited(image("uint8", OBLIQUE), dim=(0, 6))

    for version, prefix in ((1, ""), (2, "v2-")):
        img = image("int16", OBLIQUE, version=version)
        img.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"A PATIENT " * 30))
        yield f"{prefix}extension.nii", img


def pairs():
    yield "pair.hdr", image("int16", OBLIQUE, pair=True)
    yield "pair-big.hdr", image("float64", LEFT, pair=True, endian=">")
    yield "v2-pair.hdr", image("uint8", OBLIQUE, pair=True, version=2)
    yield "pair-series.hdr", image("int16", LEFT, pair=True, shape=(*SHAPE, 2))
    yield "pair-packed.hdr.gz", image("int16", OBLIQUE, sform=0, qform=1, pair=True)


def facts_of(path):
    img = nib.load(path)
    header = img.header
    first = img.affine[:3, :3]
    return {
        "version": 2 if isinstance(header, nib.Nifti2Header) else 1,
        "shape": list(img.shape),
        "affine": img.affine.ravel().tolist(),
        "codes": "".join(nib.aff2axcodes(img.affine)),
        "zooms": [float(z) for z in np.sqrt((first**2).sum(axis=0))],
        "qformCode": int(header["qform_code"]),
        "sformCode": int(header["sform_code"]),
        "units": int(header["xyzt_units"]),
        "dimInfo": int(header["dim_info"]),
        "voxelType": header.get_data_dtype().name,
        "data": [float(v) for v in img.get_fdata().ravel(order="F")],
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.glob("*"):
        if old.suffix != ".json":
            old.unlink()
    for name, img in files():
        data = img if isinstance(img, bytes) else img.to_bytes()
        (OUT / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)
    for name, img in pairs():
        nib.save(img, OUT / name.removesuffix(".gz"))
        if name.endswith(".gz"):
            for half in (OUT / name.removesuffix(".gz"), OUT / name.replace(".hdr.gz", ".img")):
                half.with_name(half.name + ".gz").write_bytes(gzip.compress(half.read_bytes(), mtime=0))
                half.unlink()

    # Two gzip members, one after the other, as `cat a.gz b.gz` makes them.
    whole = (OUT / "oblique.nii").read_bytes()
    (OUT / "two-members.nii.gz").write_bytes(gzip.compress(whole[:300], mtime=0) + gzip.compress(whole[300:], mtime=0))

    names = sorted(path for pattern in ("*.nii*", "*.hdr*") for path in OUT.glob(pattern))
    facts = {path.name: facts_of(path) for path in names}
    brain = rng.gamma(2.0, 50.0, 1001).astype(np.float32)
    facts["percentiles"] = {
        "values": [float(v) for v in brain],
        "at": {str(q): float(np.percentile(brain.astype(np.float64), q)) for q in (0, 0.5, 33.3, 99.5, 100)},
    }
    (OUT / "facts.json").write_text(json.dumps(facts))


main()
