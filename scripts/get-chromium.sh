#!/usr/bin/env bash
# Installs the Chromium and the Vulkan loader that the tests of browsers and of WebGPU use, where that is possible:
# as root on a machine with apt. Elsewhere it does nothing, and those tests say what they skip.
set -uo pipefail

for name in chromium chromium-browser google-chrome google-chrome-stable; do
  if command -v "$name" > /dev/null; then exit 0; fi
done
if [ -n "${CHROME_PATH:-}" ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then exit 0; fi

echo 'No Chromium here: installing chromium and libvulkan1 with apt for the tests of browsers and of WebGPU'
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium libvulkan1; } > /dev/null; then
  echo 'apt could not install them: those tests will be skipped' >&2
fi
exit 0
