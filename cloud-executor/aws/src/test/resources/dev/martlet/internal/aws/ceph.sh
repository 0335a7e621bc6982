# Starts a Ceph cluster of one monitor, one OSD in memory and one S3 gateway on the loopback
# interface, and says "started", or what has gone wrong. When its input ends, for whatever reason,
# or it is told to end, it ends them and deletes the directory.
# Arguments: directory, port of the monitor, port of the gateway, access key, secret key.
set -eu
dir="$1" mon="$2" rgw="$3" access="$4" secret="$5"
export CEPH_CONF="$dir/ceph.conf"
pids='' started=''

end() {
  [ -n "$started" ] || cat "$dir/log" >&3 || :
  for pid in $pids; do kill -KILL "$pid"; done 2>/dev/null || :
  wait
  rm -rf "$dir"
}
trap end EXIT
trap 'exit 1' HUP INT TERM

brief() { timeout 60 "$@"; }

# Not in braces before ||, where a shell would go on after what has failed.
exec 3>&1 >"$dir/log" 2>&1

uuid() { cat /proc/sys/kernel/random/uuid; }

mkdir "$dir/mon" "$dir/osd" "$dir/rgw"
fsid="$(uuid)"
# The intervals are those of a cluster of one; without quick ones each change of the map that a new
# pool makes would take a second.
cat >"$CEPH_CONF" <<END
[global]
fsid = $fsid
keyring = $dir/keyring
run_dir = $dir
crash_dir = $dir
admin_socket =
pid_file =
log_file =
log_to_file = false
log_to_stderr = false
err_to_stderr = true
mon_cluster_log_to_file = false
mon_host = v2:127.0.0.1:$mon
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
mon_data_avail_warn = 1
mon_data_avail_crit = 1
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 10000
mon_tick_interval = 1
paxos_propose_interval = 0.02
paxos_min_wait = 0.01
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[mon.a]
mon_data = $dir/mon
[osd.0]
osd_data = $dir/osd
osd_objectstore = memstore
memstore_device_bytes = 2147483648
osd_class_load_list = *
osd_class_default_list = *
[client.admin]
rgw_data = $dir/rgw
rgw_frontends = beast endpoint=127.0.0.1:$rgw tcp_nodelay=1
rgw_thread_pool_size = 64
END

ceph-authtool --create-keyring "$dir/keyring" --gen-key -n client.admin \
  --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
ceph-authtool "$dir/keyring" --gen-key -n mon. --cap mon 'allow *'
ceph-authtool "$dir/keyring" --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
monmaptool --create --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon]" "$dir/monmap"
brief ceph-mon -i a --mkfs --monmap "$dir/monmap" --keyring "$dir/keyring"
ceph-mon -i a -f </dev/null 3>&- &
pids="$!"
osd="$(uuid)"
brief ceph osd new "$osd"
brief ceph-osd -i 0 --mkfs --osd-uuid "$osd"
ceph-osd -i 0 -f </dev/null 3>&- &
pids="$pids $!"
brief radosgw-admin user create --uid=test --display-name=test \
  --access-key="$access" --secret-key="$secret"
radosgw -f -n client.admin </dev/null 3>&- &
pids="$pids $!"

started=yes
echo started >&3
cat >/dev/null
