"""Compares with nibabel what the program has written from test/golden/nifti with the files it came from.

    npm run build && node scripts/golden/write-nifti.mjs <folder>
    python3 scripts/check-nifti.py <folder> [--record]

Every header field that places the voxels must be the same number for number, the affine and the values that
nibabel sees as well, and no text may have come along. With --record, the checksums of the files that passed
become test/golden/nifti/written.json, which the tests compare with what the program writes.
"""

import hashlib
import json
import logging
import sys
from pathlib import Path

import nibabel as nib
import numpy as np

GOLDEN = Path(__file__).resolve().parents[1] / "test" / "golden" / "nifti"
FIELDS = (
    "qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d", "qoffset_x", "qoffset_y", "qoffset_z",
    "srow_x", "srow_y", "srow_z", "xyzt_units", "dim_info",
)  # fmt: skip
logging.getLogger("nibabel.global").setLevel(logging.CRITICAL)


def raw_header(path):
    """The header as it is stored, without nibabel's repairs."""
    header = type(nib.load(path).header)
    with nib.openers.ImageOpener(path) as file:
        return header(file.read(header.sizeof_hdr), check=False)


def differences(source, written, volume):
    a, b = nib.load(source), nib.load(written)
    ha, hb = raw_header(source), raw_header(written)
    if type(a.header).sizeof_hdr != type(b.header).sizeof_hdr:
        yield "version"
    for field in FIELDS:
        if not np.array_equal(ha[field], hb[field]):
            yield field
    if not np.array_equal(ha["pixdim"][:4], hb["pixdim"][:4]):
        yield "pixdim"
    if not np.array_equal(a.affine, b.affine):
        yield "affine"
    if a.shape[:3] != b.shape:
        yield "shape"
    values = a.get_fdata().reshape((*a.shape[:3], -1), order="F")[..., volume].astype(np.float32)
    if not np.array_equal(values, b.get_fdata().astype(np.float32)):
        yield "values"
    texts = {name: hb[name].item() for name in ("descrip", "aux_file", "intent_name")}
    if texts != {"descrip": b"utad-net synthetic", "aux_file": b"", "intent_name": b""}:
        yield f"texts {texts}"
    if len(b.header.extensions) or (b"PATIENT" in Path(written).read_bytes().upper()):
        yield "extensions or a name"


def main():
    folder = Path(sys.argv[1])
    volumes = json.loads((folder / "volumes.json").read_text())
    failed = 0
    for name, volume in volumes.items():
        found = list(differences(GOLDEN / name, folder / f"{name}.nii", volume))
        failed += bool(found)
        if found:
            print(f"{name}: differs in {', '.join(found)}")
    print(f"{len(volumes) - failed} of {len(volumes)} files agree with nibabel {nib.__version__}")
    if failed == 0 and "--record" in sys.argv:
        sums = {name: hashlib.sha256((folder / f"{name}.nii").read_bytes()).hexdigest() for name in sorted(volumes)}
        (GOLDEN / "written.json").write_text(json.dumps(sums, indent=1) + "\n")
    sys.exit(1 if failed else 0)


main()
