#!/usr/bin/env bash
# A real S3 server on loopback: one Ceph monitor, one OSD that keeps its objects in memory, one gateway.
#   radosgw.sh start FOLDER    prints the endpoint when it answers, after about 15 seconds
#   radosgw.sh stop FOLDER     ends the processes that start began, by their pids
# Packages (Debian): radosgw ceph-mon ceph-osd ceph-common, with --no-install-recommends. Keys: AKTEST, SKTESTSECRET.
set -euo pipefail

action=$1 folder=$2
export CEPH_CONF=$folder/ceph.conf

free_port() { python3 -c 'import socket; print(socket.create_server(("127.0.0.1", 0)).getsockname()[1])'; }

configure() {
  mkdir -p "$folder"/{mon,osd,gateway,run,log}
  cat > "$CEPH_CONF" <<EOF
[global]
fsid = $fsid
mon host = [v1:$monitor]
mon initial members = a
public network = 127.0.0.0/8
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd crush update on start = false
osd class update on start = false
osd objectstore = memstore
memstore device bytes = 2147483648
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data = $folder/mon
osd data = $folder/osd
rgw data = $folder/gateway
rgw frontends = beast endpoint=127.0.0.1:$port
rgw enable ops log = false
run dir = $folder/run
pid file = $folder/run/\$name.pid
admin socket = $folder/run/\$name.asok
log file = $folder/log/\$name.log
keyring = $folder/keyring
EOF
}

start() {
  local fsid osd monitor
  fsid=$(cat /proc/sys/kernel/random/uuid) osd=$(cat /proc/sys/kernel/random/uuid) monitor=127.0.0.1:$(free_port)
  configure
  ceph-authtool -C "$folder/keyring"
  monmaptool --create --addv a "[v1:$monitor]" --fsid "$fsid" "$folder/monmap"
  ceph-mon --mkfs -i a --monmap "$folder/monmap" --keyring "$folder/keyring"
  ceph-mon -i a --public-addr "$monitor"
  timeout 60 ceph osd new "$osd"
  ceph-osd -i 0 --mkfs --osd-uuid "$osd" --monmap "$folder/monmap"
  ceph-osd -i 0
  timeout 60 ceph osd crush add 0 1.0 host=h root=default
  timeout 60 radosgw -n client.rgw
  timeout 60 bash -c "until curl -s -o /dev/null http://127.0.0.1:$port/; do sleep 0.1; done"
  timeout 60 radosgw-admin user create --uid=test --display-name=test --access-key=AKTEST --secret=SKTESTSECRET
}

stop() {
  local pid
  for pid in "$folder"/run/*.pid; do
    kill -KILL "$(cat "$pid")" 2> /dev/null || true  # nothing of it is kept
  done
}

case $action in
  start)
    rm -rf "$folder"
    mkdir -p "$folder"
    port=$(free_port)
    if ! start > "$folder/start.log" 2>&1; then
      tail -n 20 "$folder/start.log" >&2
      stop
      exit 1
    fi
    echo "http://127.0.0.1:$port" ;;
  stop) stop ;;
  *) echo "usage: $0 start|stop FOLDER" >&2; exit 2 ;;
esac
