#!/usr/bin/env bash
# A Slurm of one machine, for tests: scripts/start-slurm.sh [folder], and scripts/start-slurm.sh stop [folder].
#
# Installs slurm-wlm and munge where that is possible (as root on a machine with apt) and starts munged, slurmctld and
# slurmd with configuration, keys, state and logs in the folder (/tmp/utad-slurm when left out), on loopback alone and
# without cgroups or systemd. Commands find it by SLURM_CONF, whose value is the last line that is printed. The exit
# status is 1, with the reason, where there can be no Slurm. Nothing of a Slurm that the machine has is touched.
set -uo pipefail

action=start
if [ "${1:-}" = stop ]; then
  action=stop
  shift
fi
folder="${1:-/tmp/utad-slurm}"

refuse() {
  echo "start-slurm: $1" >&2
  exit 1
}

# Ends the daemons that this folder started, and nobody else's.
stop() {
  local name pid
  for name in slurmctld slurmd munged; do
    pid="$(cat "$folder/$name.pid" 2> /dev/null)" || continue
    if [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = "$name" ]; then
      kill "$pid"
      for _ in $(seq 50); do
        kill -0 "$pid" 2> /dev/null || break
        sleep 0.1
      done
      kill -9 "$pid" 2> /dev/null
    fi
    rm -f "$folder/$name.pid"
  done
}

if [ "$action" = stop ]; then
  stop
  exit 0
fi

[ "$(uname -s)" = Linux ] || refuse 'Slurm runs on Linux alone'
[ "$(id -u)" -eq 0 ] || refuse 'only root can start it'
if ! command -v slurmctld > /dev/null || ! command -v slurmd > /dev/null || ! command -v munged > /dev/null; then
  command -v apt-get > /dev/null || refuse 'no slurmctld here, and no apt to install it with'
  echo 'start-slurm: installing slurm-wlm and munge with apt' >&2
  export DEBIAN_FRONTEND=noninteractive
  # No daemon of the packages is to start: this script starts its own.
  policy=/usr/sbin/policy-rc.d
  made_policy=''
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" && made_policy=1
  fi
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends slurm-wlm munge; } > /dev/null
  status=$?
  [ -z "$made_policy" ] || rm -f "$policy"
  [ "$status" -eq 0 ] || refuse 'apt could not install slurm-wlm and munge'
fi

export SLURM_CONF="$folder/slurm.conf"
if [ -e "$SLURM_CONF" ] && timeout 10 sinfo -h > /dev/null 2>&1; then
  echo "$SLURM_CONF"
  exit 0
fi
stop

mkdir -p "$folder"/{state,spool,log} || refuse "cannot write $folder"
chmod 755 "$folder"
host="$(hostname -s)"
# Ports that nobody listens on, so that two of these can run beside each other.
port=16817
while (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null || (exec 3<> "/dev/tcp/127.0.0.1/$((port + 1))") 2> /dev/null; do
  port=$((port + 2))
done
memory="$(awk '/MemTotal/ { print int($2 / 1024) }' /proc/meminfo)"
# More places than cores: the tests' jobs are small, and wait more than they compute.
cpus=$(($(nproc) > 4 ? $(nproc) : 4))

if [ ! -e "$folder/munge.key" ]; then
  head -c 1024 /dev/urandom > "$folder/munge.key"
fi
chmod 600 "$folder/munge.key"
chmod 711 "$folder/state"
munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
  --seed-file="$folder/munge.seed" --log-file="$folder/log/munged.log" || refuse "munged did not start: $folder/log/munged.log"

cat > "$SLURM_CONF" << CONF
ClusterName=utad
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A requeued job waits as long as credentials last, else two minutes.
AuthInfo=socket=$folder/munge.socket,cred_expire=5
CredType=cred/munge
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/log/slurmctld.log
SlurmdLogFile=$folder/log/slurmd.log
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_min_interval=100000,sched_interval=2,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=20
MinJobAge=300
MaxArraySize=1001
NodeName=$host NodeAddr=127.0.0.1 CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP PriorityTier=1 PreemptMode=REQUEUE
PartitionName=urgent Nodes=$host MaxTime=INFINITE State=UP PriorityTier=10 PreemptMode=OFF
CONF

# -c forgets jobs and states of an earlier time.
slurmctld -c || refuse "slurmctld did not start: $folder/log/slurmctld.log"
slurmd -c || refuse "slurmd did not start: $folder/log/slurmd.log"
for _ in $(seq 100); do
  if [ "$(timeout 5 sinfo -h -p main -o %t 2> /dev/null)" = idle ]; then
    echo "$SLURM_CONF"
    exit 0
  fi
  sleep 0.2
done
stop
refuse "no idle node after 20 s: $folder/log"
