#!/usr/bin/env bash
# Packs what a bare 64-bit Linux machine with a graphics card needs to run utad: no Node, no network, no root.
#   npm run pack-gpu [-- <archive.tar.gz>]     (build/utad-gpu-linux-x64.tar.gz when left out)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

name=utad-gpu-linux-x64
archive="$(realpath -m "${1:-build/$name.tar.gz}")"
if [ "$(uname -sm)" != 'Linux x86_64' ]; then
  echo "pack-gpu: expected 64-bit Linux on x86, got $(uname -sm): the archive takes this machine's own Node" >&2
  exit 1
fi
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
stage="$work/$name"
mkdir -p "$stage/bin" "$stage/lib" "$stage/app/node_modules"

# 1. Node and the build
cp "$(node -p process.execPath)" "$stage/bin/node"
node_modules/.bin/tsc -p tsconfig.build.json --outDir "$stage/app/dist"
cp package.json "$stage/app/"
cp LICENSE "$stage/"

# 2. The packages that the command line needs, each of ONNX Runtime's libraries for this system alone
npm ls --omit=dev --omit=optional --omit=peer --all --parseable 2> /dev/null | tail -n +2 | while read -r folder; do
  relative="${folder#"$PWD/node_modules/"}"
  case "$relative" in onnxruntime-web | onnxruntime-web/*) continue ;; esac
  mkdir -p "$stage/app/node_modules/$(dirname "$relative")"
  cp -R "$folder" "$stage/app/node_modules/$relative"
done
runtime="$stage/app/node_modules/onnxruntime-node/bin"
find "$runtime" -mindepth 2 -maxdepth 2 -type d ! -name linux -exec rm -rf {} +
find "$runtime" -mindepth 3 -maxdepth 3 -type d ! -name x64 -exec rm -rf {} +

# 3. Libraries that a bare machine may lack: the Vulkan loader (the card's driver brings the rest) and C++
ldconfig="$(command -v ldconfig || echo /sbin/ldconfig)"
for library in libvulkan.so.1 libstdc++.so.6 libgcc_s.so.1; do
  found="$("$ldconfig" -p | awk -v name="$library" '$1 == name && /x86-64/ && !seen++ { print $NF }')"
  if [ -z "$found" ]; then
    echo "pack-gpu: expected $library on this machine, got none. Install it (Debian: libvulkan1, libstdc++6)." >&2
    exit 1
  fi
  mkdir -p "$stage/lib/$library"
  cp -L "$found" "$stage/lib/$library/$library"
done

# 4. The command, which uses nothing but the shell
cat > "$stage/utad" << 'END'
#!/bin/sh
# Runs utad with the Node that lies beside it; libraries beside it serve only where the machine has none.
here="${0%/*}"
if [ "$here" = "$0" ]; then here=.; fi
for library in libvulkan.so.1 libstdc++.so.6 libgcc_s.so.1; do
  found=
  for folder in /usr/lib/x86_64-linux-gnu /lib/x86_64-linux-gnu /usr/lib64 /lib64 /usr/lib /lib; do
    if [ -e "$folder/$library" ]; then found=yes; fi
  done
  if [ -z "$found" ]; then LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$here/lib/$library"; fi
done
if [ -n "${LD_LIBRARY_PATH:-}" ]; then export LD_LIBRARY_PATH; fi
exec "$here/bin/node" "$here/app/dist/cli/main.js" "$@"
END
chmod +x "$stage/utad"

cat > "$stage/README.txt" << END
utad-net $(node -p 'require("./package.json").version') for a Linux machine with a graphics card (x86-64, glibc 2.28 or newer).
Nothing needs to be installed; the card's own driver with Vulkan must be there (NVIDIA's, or Mesa's for AMD and Intel).

  ./utad doctor                                   which device computes, and why another does not
  ./utad train brats/ --out run --device webgpu   trains on the card; it is examined first
  ./utad train brats/ --out run --device auto     trains on whatever is fastest and computes rightly
  ./utad train --out run --resume --device webgpu continues after a stop
  ./utad translate patient_t1.nii.gz --to flair --model run/model.onnx --out patient_flair.nii.gz --device auto

Where doctor says that webgpu is not there: "ls /usr/share/vulkan/icd.d /etc/vulkan/icd.d" must list the card's driver,
and inside a container the card and its driver must be passed through (NVIDIA: NVIDIA_DRIVER_CAPABILITIES=all).

Holds Node $(node -p process.versions.node) (nodejs.org, MIT) and the packages in app/node_modules with their licences.
END

mkdir -p "$(dirname "$archive")"
tar -C "$work" -cf - "$name" | gzip -1 > "$archive.tmp"
mv "$archive.tmp" "$archive"
echo "$archive: $(du -h "$archive" | cut -f1)"
