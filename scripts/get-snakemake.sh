#!/usr/bin/env bash
# Installs Snakemake, which the test of the workflow runs, where that is possible: as root on a machine with apt.
# Elsewhere it does nothing, and that test says that it is skipped.
set -uo pipefail

if command -v snakemake > /dev/null; then exit 0; fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then exit 0; fi

echo 'No Snakemake here: installing it with apt for the test of the workflow'
export DEBIAN_FRONTEND=noninteractive
if ! { timeout 60 apt-get update -qq && timeout 300 apt-get install -y -qq --no-install-recommends snakemake; } > /dev/null; then
  echo 'apt could not install it: that test will be skipped' >&2
fi
exit 0
