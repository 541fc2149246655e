"""Makes test/golden/nifti: small files written by nibabel and what nibabel reads from them.

Run with a Python that has nibabel and numpy: python3 scripts/golden/nifti.py
"""

import gzip
import json
from pathlib import Path

import nibabel as nib
import numpy as np

OUT = Path(__file__).resolve().parents[2] / "test" / "golden" / "nifti"
SHAPE = (4, 3, 2)
rng = np.random.default_rng(7)


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


def values(dtype):
    if np.dtype(dtype).kind == "f":
        return rng.normal(size=SHAPE).astype(dtype)
    info = np.iinfo(dtype)
    low, high = max(info.min, -(2**31)), min(info.max, 2**31)
    return rng.integers(low, high, size=SHAPE).astype(dtype)


def image(data, matrix, sform=1, qform=1, header=None, extra=None):
    img = nib.Nifti1Image(data, matrix, header, dtype=data.dtype)
    img.header.set_sform(matrix, sform)
    img.header.set_qform(matrix, qform)
    img.header.set_xyzt_units("mm", "sec")
    if extra:
        extra(img.header)
    return img


def files():
    yield "oblique.nii", image(values("int16"), OBLIQUE)
    yield "left-handed.nii", image(values("uint8"), LEFT, sform=0, qform=1)
    yield "qform-only.nii.gz", image(values("float32"), OBLIQUE, sform=0, qform=2)
    yield "big-endian.nii", image(values(">i2").astype(">i2"), OBLIQUE, header=nib.Nifti1Header(endianness=">"))
    for dtype in ("int8", "uint16", "int32", "uint32", "float64", "int64", "uint64"):
        yield f"{dtype}.nii", image(values(dtype), LEFT)

    def no_forms(header):
        header["qform_code"] = 0
        header["sform_code"] = 0

    plain = image(values("int16"), OBLIQUE, extra=no_forms)
    yield "no-forms.nii", plain


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, img in files():
        data = img.to_bytes()
        if name == "no-forms.nii":
            raw = bytearray(data)
            raw[252:256] = b"\0\0\0\0"
            data = bytes(raw)
        (OUT / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith(".gz") else data)

    scaled = bytearray(image(values("int16"), OBLIQUE).to_bytes())
    scaled[112:120] = np.array([0.25, -100.0], "<f4").tobytes()
    (OUT / "scaled.nii").write_bytes(bytes(scaled))

    # Two gzip members, one after the other, as `cat a.gz b.gz` makes them.
    whole = (OUT / "oblique.nii").read_bytes()
    (OUT / "two-members.nii.gz").write_bytes(gzip.compress(whole[:300], mtime=0) + gzip.compress(whole[300:], mtime=0))

    facts = {}
    for path in sorted(OUT.glob("*.nii*")):
        img = nib.load(path)
        facts[path.name] = {
            "shape": list(img.shape),
            "affine": img.affine.ravel().tolist(),
            "codes": "".join(nib.aff2axcodes(img.affine)),
            "zooms": [float(z) for z in nib.affines.voxel_sizes(img.affine)],
            "data": [float(v) for v in img.get_fdata().ravel(order="F")],
        }
    brain = rng.gamma(2.0, 50.0, 1001).astype(np.float32)
    facts["percentiles"] = {
        "values": [float(v) for v in brain],
        "at": {str(q): float(np.percentile(brain.astype(np.float64), q)) for q in (0, 0.5, 33.3, 99.5, 100)},
    }
    (OUT / "facts.json").write_text(json.dumps(facts))


main()
