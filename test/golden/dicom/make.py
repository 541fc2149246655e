"""Makes the DICOM series of this folder and what independent programs read from them.

Needs pydicom, nibabel, dcmtk, libgdcm-tools, dcm2niix and libjpeg-turbo-progs (Debian packages). The head is invented: numbers drawn
from a formula, names of nobody. Run: /usr/bin/python3 test/golden/dicom/make.py
"""

import base64
import json
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

here = Path(__file__).parent
COLUMNS, ROWS, SLICES = 16, 12, 5
ROOT = "2.25.1234567890"
MR = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"

k, j, i = np.meshgrid(np.arange(SLICES), np.arange(ROWS), np.arange(COLUMNS), indexing="ij")
# A blob, a ramp that tells the axes apart, background 0 in the corners.
HEAD = np.where((i - 8) ** 2 / 60 + (j - 6) ** 2 / 34 < 1, 400 + 90 * i + 13 * j + 170 * k + (i * j * (k + 1)) % 7, 0)


def rotation(x, y, z):
    cx, cy, cz = np.cos([x, y, z])
    sx, sy, sz = np.sin([x, y, z])
    return (
        np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
        @ np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        @ np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    )


OBLIQUE = rotation(0.13, -0.08, 0.05)
SAGITTAL = np.array([[0.0, 0, -1], [1, 0, 0], [0, -1, 0]])  # columns to the back, rows down, normal to the right
CORONAL = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])


def describe(ds, name, number):
    ds.PatientName = "Nobody^Golden"
    ds.PatientID = "GOLDEN-1"
    ds.PatientBirthDate = "19700101"
    ds.PatientSex = "O"
    ds.StudyInstanceUID = f"{ROOT}.1"
    ds.SeriesInstanceUID = f"{ROOT}.1.{number}"
    ds.FrameOfReferenceUID = f"{ROOT}.9"
    ds.PositionReferenceIndicator = ""
    ds.StudyDate, ds.StudyTime, ds.StudyID, ds.AccessionNumber = "20240102", "030405", "7", "A7"
    ds.ReferringPhysicianName = ""
    ds.Modality = "MR"
    ds.Manufacturer = "Nobody"
    ds.SeriesNumber = number
    ds.SeriesDescription = name
    ds.PatientPosition = "HFS"


def pixels(ds, stored, bits_allocated, bits_stored, high_bit, signed):
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits_allocated, bits_stored, high_bit
    ds.PixelRepresentation = int(signed)
    dtype = {8: "u1", 16: "i2" if signed else "u2", 32: "i4" if signed else "u4"}[bits_allocated]
    ds.PixelData = stored.astype("<" + dtype).tobytes()


def new_file(sop_class, uid, syntax=ExplicitVRLittleEndian):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop_class, uid
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = f"{ROOT}.0"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = sop_class, uid
    return ds


def positions(axes, slice_mm, origin=(-31.5, 12.25, -40.125), shift=(0, 0)):
    step = axes[:, 2] * slice_mm + axes[:, 0] * shift[0] + axes[:, 1] * shift[1]
    return [np.array(origin) + step * index for index in range(SLICES)]


def classic(
    name,
    number,
    stored=HEAD,
    axes=OBLIQUE,
    spacing=(1.25, 0.75),
    slice_mm=2.5,
    shift=(0, 0),
    bits=(16, 12, 11),
    signed=False,
    rescale=None,
    edit=lambda ds, index: None,
):
    """Five files of one series; returned in another order than that of the slices."""
    files = {}
    for index, position in enumerate(positions(axes, slice_mm, shift=shift)):
        ds = new_file(MR, f"{ROOT}.1.{number}.{index + 1}")
        describe(ds, name, number)
        ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "ND"]
        ds.ScanningSequence, ds.SequenceVariant, ds.ScanOptions, ds.MRAcquisitionType = "SE", "SK", "", "2D"
        ds.RepetitionTime, ds.EchoTime, ds.EchoTrainLength = "4800", "92", "15"
        ds.InstanceNumber = index + 1
        ds.ImagePositionPatient = [f"{value:.6f}" for value in position]
        ds.ImageOrientationPatient = [f"{value:.9f}" for value in np.concatenate([axes[:, 0], axes[:, 1]])]
        ds.PixelSpacing = [str(spacing[0]), str(spacing[1])]
        ds.SliceThickness = str(slice_mm)
        if rescale is not None:
            ds.RescaleSlope, ds.RescaleIntercept = rescale(index)
        pixels(ds, stored[index], *bits, signed)
        edit(ds, index)
        files[f"{'cadbe'[index]}.dcm"] = ds
    return files


def save(folder, files, syntax=ExplicitVRLittleEndian):
    folder.mkdir(parents=True, exist_ok=True)
    for name, ds in files.items():
        ds.file_meta.TransferSyntaxUID = syntax
        ds.is_little_endian = syntax != ExplicitVRBigEndian
        ds.is_implicit_VR = syntax == ImplicitVRLittleEndian
        if not ds.is_little_endian and ds.BitsAllocated == 16:
            ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        ds.save_as(folder / name, write_like_original=False)


def convert(source, target, command):
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        subprocess.run([*command, str(file), str(target / file.name)], check=True, capture_output=True)


def enhanced():
    """Ten frames: two echoes of five slices, interleaved; slope and spacing shared, positions per frame."""
    ds = new_file(ENHANCED_MR, f"{ROOT}.1.30.1")
    describe(ds, "dual echo enhanced", 30)
    ds.ImageType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
    ds.NumberOfFrames = 2 * SLICES
    ds.InstanceNumber = 1
    ds.EchoPulseSequence, ds.PulseSequenceName = "SPIN", "*tse2d2"
    shared = Dataset()
    orientation = Dataset()
    orientation.ImageOrientationPatient = [f"{v:.9f}" for v in np.concatenate([OBLIQUE[:, 0], OBLIQUE[:, 1]])]
    shared.PlaneOrientationSequence = Sequence([orientation])
    measures = Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["1.25", "0.75"], "2.5"
    shared.PixelMeasuresSequence = Sequence([measures])
    timing = Dataset()
    timing.RepetitionTime = "3000"
    shared.MRTimingAndRelatedParametersSequence = Sequence([timing])
    ds.SharedFunctionalGroupsSequence = Sequence([shared])
    frames, stored = [], []
    for index in reversed(range(SLICES)):
        for echo in range(2):
            frame = Dataset()
            content = Dataset()
            content.StackID, content.InStackPositionNumber = "1", index + 1
            frame.FrameContentSequence = Sequence([content])
            place = Dataset()
            place.ImagePositionPatient = [f"{v:.6f}" for v in positions(OBLIQUE, 2.5)[index]]
            frame.PlanePositionSequence = Sequence([place])
            kind = Dataset()
            kind.FrameType = ["ORIGINAL", "PRIMARY", "M", "NONE"]
            kind.AcquisitionContrast = "T2" if echo else "PROTON_DENSITY"
            frame.MRImageFrameTypeSequence = Sequence([kind])
            times = Dataset()
            times.EffectiveEchoTime = [12.0, 96.0][echo]
            frame.MREchoSequence = Sequence([times])
            value = Dataset()
            value.RescaleSlope, value.RescaleIntercept, value.RescaleType = ["0.5", "2.0"][echo], "0", "US"
            frame.PixelValueTransformationSequence = Sequence([value])
            frames.append(frame)
            stored.append(HEAD[index] // (echo + 1))
    ds.PerFrameFunctionalGroupsSequence = Sequence(frames)
    pixels(ds, np.stack(stored), 16, 12, 11, False)
    return {"enhanced.dcm": ds}


def nifti_of(folder):
    """What dcm2niix makes of a folder: affine, shape and values of each volume."""
    with tempfile.TemporaryDirectory() as out:
        subprocess.run(
            ["dcm2niix", "-z", "n", "-b", "n", "-f", "%s_%e", "-o", out, str(folder)], check=True, capture_output=True
        )
        found = []
        for file in sorted(Path(out).glob("*.nii")):
            image = nibabel.load(file)
            data = np.asarray(image.dataobj, dtype="f8")
            found.append(
                {
                    "affine": [float(f"{value:.7g}") for value in image.affine.flatten()],
                    "size": list(data.shape),
                    "values": [round(float(value), 4) for value in data.flatten(order="F")],
                }
            )
        return found


def pydicom_values(folder):
    """Values by pydicom, slices in order of the file names' slices: slope · stored + intercept."""
    slices = {}
    for file in folder.iterdir():
        ds = pydicom.dcmread(file)
        values = ds.pixel_array.astype("f8") * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
        slices[float(ds.InstanceNumber)] = values
    return [round(float(v), 4) for _, values in sorted(slices.items()) for v in values.flatten()]


def jpeg_with_restarts():
    """A grey JPEG of 8 bits with a restart marker after every block (cjpeg), and its pixels (djpeg)."""
    grey = (HEAD[2] // 16).astype("u1")
    source = b"P5 %d %d 255\n" % (COLUMNS, ROWS) + grey.tobytes()
    packed = subprocess.run(["cjpeg", "-grayscale", "-restart", "1B", "-quality", "90"], input=source, check=True,
                            capture_output=True).stdout
    pixels = subprocess.run(["djpeg", "-grayscale", "-pnm"], input=packed, check=True, capture_output=True).stdout
    return {"base64": base64.b64encode(packed).decode(), "pixels": list(pixels[-ROWS * COLUMNS:])}


def pack(name, folder):
    """A ZIP whose bytes depend on nothing but its files."""
    with zipfile.ZipFile(here / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                entry = zipfile.ZipInfo(str(file.relative_to(folder)), (2024, 1, 2, 3, 4, 6))
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())


def main():
    work = Path(tempfile.mkdtemp())
    facts = {"size": [COLUMNS, ROWS, SLICES], "head": [int(v) for v in HEAD.flatten()], "volumes": {}, "values": {}}

    plain = work / "explicit"
    save(plain, classic("t2_tse_tra", 3))
    save(work / "implicit", classic("t2_tse_tra", 4), ImplicitVRLittleEndian)
    save(work / "big-endian", classic("t2_tse_tra", 5), ExplicitVRBigEndian)
    save(work / "deflated", classic("t2_tse_tra", 6), DeflatedExplicitVRLittleEndian)
    convert(plain, work / "rle", ["gdcmconv", "--rle"])
    convert(plain, work / "rle-dcmtk", ["dcmcrle"])
    convert(plain, work / "jpeg-lossless-first", ["dcmcjpeg", "+e1"])
    convert(plain, work / "jpeg-lossless", ["dcmcjpeg", "+el", "+sv", "6"])
    convert(plain, work / "jpeg-ls", ["dcmcjpls"])
    convert(plain, work / "jpeg-ls-near", ["dcmcjpls", "+en", "+md", "3"])
    convert(plain, work / "jpeg-2000", ["gdcmconv", "--j2k"])
    convert(plain, work / "jpeg-2000-lossy", ["gdcmconv", "--j2k", "--lossy", "-r", "8"])
    convert(plain, work / "jpeg-extended-12", ["dcmcjpeg", "+ee"])
    small = work / "eight-bits"
    save(small, classic("t2_tse_tra", 7, stored=HEAD // 16, bits=(8, 8, 7)))
    convert(small, work / "jpeg-baseline", ["dcmcjpeg", "+eb"])
    convert(small, work / "rle-eight-bits", ["dcmcrle"])

    save(
        work / "signed-scaled",
        classic(
            "t2_signed", 8, stored=HEAD - 1000, bits=(16, 16, 15), signed=True,
            rescale=lambda index: (f"{0.5 + 0.25 * index}", f"{-3 * index}"),
        ),
    )
    save(work / "signed-12", classic("t2_signed12", 9, stored=(HEAD - 1000) & 0xFFF, bits=(16, 12, 11), signed=False,
                                     edit=lambda ds, index: setattr(ds, "PixelRepresentation", 1)))
    save(work / "high-bits", classic("t2_high", 10, stored=HEAD << 4, bits=(16, 12, 15)))
    save(work / "wide", classic("t2_wide", 11, stored=HEAD * 100 - 7, bits=(32, 32, 31), signed=True))
    save(work / "sagittal", classic("t2_sag", 12, axes=SAGITTAL, slice_mm=3))
    save(work / "coronal", classic("t2_cor", 13, axes=CORONAL, slice_mm=3))
    save(work / "tilted", classic("t2_tilted", 14, shift=(0, 0.7)))

    def negative(ds, index):
        ds.PhotometricInterpretation = "MONOCHROME1"
        ds.PixelData = (4000 - HEAD[index]).astype("<u2").tobytes()

    save(work / "monochrome1", classic("t2_negative", 15, edit=negative))

    def padded(ds, index):
        ds.add_new(0x00280120, "US", 4095)
        stored = HEAD[index].copy()
        stored[0, :] = 4095
        ds.PixelData = stored.astype("<u2").tobytes()

    save(work / "padded", classic("t2_padded", 16, edit=padded))
    save(work / "enhanced", enhanced())
    convert(work / "enhanced", work / "enhanced-rle", ["dcmcrle"])
    convert(work / "enhanced", work / "enhanced-jpeg-ls", ["dcmcjpls"])

    bare = work / "bare"
    bare.mkdir()
    for file in sorted((work / "implicit").iterdir()):
        content = file.read_bytes()
        meta_length = int.from_bytes(content[140:144], "little")
        (bare / file.name).write_bytes(content[144 + meta_length:])

    lossless = ["explicit", "implicit", "bare", "big-endian", "deflated", "rle", "rle-dcmtk", "jpeg-lossless-first", "jpeg-lossless",
                "jpeg-ls", "jpeg-2000", "high-bits", "sagittal", "coronal", "tilted"]
    for folder in sorted(work.iterdir()):
        pack(folder.name, folder)
        if folder.name in ("explicit", "sagittal", "coronal", "signed-scaled", "enhanced", "wide"):
            facts["volumes"][folder.name] = nifti_of(folder)
            if folder.name == "enhanced":  # dcm2niix knows one slope a file: only its geometry is compared.
                del facts["volumes"][folder.name][0]["values"]
        if folder.name in ("signed-scaled", "eight-bits", "wide", "rle-eight-bits"):
            facts["values"][folder.name] = pydicom_values(folder)
    for name, decoder in (("jpeg-ls-near", "dcmdjpls"), ("jpeg-baseline", "dcmdjpeg")):
        convert(work / name, work / f"{name}-raw", [decoder])
        facts["values"][name] = pydicom_values(work / f"{name}-raw")
    for name in ("jpeg-2000-lossy", "jpeg-extended-12"):
        convert(work / name, work / f"{name}-raw", ["gdcmconv", "--raw"])
        facts["values"][name] = pydicom_values(work / f"{name}-raw")
    facts["lossless"] = lossless
    facts["restarts"] = jpeg_with_restarts()
    (here / "facts.json").write_text(json.dumps(facts, separators=(",", ":")) + "\n")
    shutil.rmtree(work)


main()
