import { survivedSignals, systemPath } from "../platform.ts";

/**
 * What the launcher, a long-lived POSIX shell, reads first from its stdin: its set-up, and the two
 * halves of the wrapper that stands between the manager and each command, so that the command, its
 * output and its exit code survive manager and launcher. Then it reads one line for each command
 * (`launchLine`).
 *
 * The halves are joined by a pipe; each is a fork of a fork of the launcher, so that starting one
 * runs no other program but the command and `cat`. Their arguments: 1. the command's number, 2. the run's
 * record file; the left half: 3. `open` or `closed` for stdin, 4. `end` or
 * `keep` for what the command leaves, 5. `silent` where no shell can name the signal by which the
 * command dies; the right half: 3. the output file, 4. its largest size in
 * blocks of 512 bytes.
 *
 * The left one appends to the record which process it is, with one write: whose line is the first
 * runs the command. Who finds another's line there, because a recovering manager was faster, runs
 * nothing. It appends `exit <code>` when the command has ended, and asks what is left of
 * its process group to end. The right one copies what the command prints as it comes, until the
 * size limit of the file stops it, appends `spooled <status>` once all is in the file, and throws
 * away the rest: so the cap holds without a manager, the command never blocks, and its exit code
 * stays its own. (`head -c` would hold back up to 4 KiB, and lose them when it is killed.) Each
 * then writes the number to the launcher's stdout, where the manager listens if there still is one.
 *
 * Both open the record before the command begins, and never by its name again: a command may have
 * put something else there.
 *
 * The command begins with `began` and which process it is, as the left half says it of itself: id,
 * parent, group, session and start time from `/proc/self/stat`, and no more of that line, since a
 * shell reads what was written with a system call for each byte. `setsid` gives the command a
 * session and process group of its own; where there is none (macOS), the shell's job control gives
 * each command's pipeline a group. The halves have the launcher's session, whose signals they
 * survive. A signal that is ignored stays so for the command, one that is caught is reset: so the
 * left half catches them. Of what a shell runs in the background without job control, POSIX has it
 * ignore INT and QUIT for good, so GNU's `env` sets them back (busybox's cannot: there commands
 * begin with these two ignored), unless the launcher waits for the command.
 *
 * A shell that names the signal by which a command died does so on stderr, which is the record as
 * well; bash does not, so there the line says that it is silent.
 *
 * stdin comes from a file that the manager appends to, through `tail -f` and a FIFO: text that
 * was written is read once, even when its writer died, and it ends only with the command.
 */
export const launcherScript: string = `
exec 3>&1 >/dev/null 2>&1
trap '' ${survivedSignals}
meanwhile_umask=$(umask)
umask 077
meanwhile_boot=- meanwhile_setsid=
[ -r /proc/sys/kernel/random/boot_id ] && read -r meanwhile_boot </proc/sys/kernel/random/boot_id
for meanwhile_path in /usr/bin /bin /run/current-system/sw/bin; do
  [ -n "$meanwhile_setsid" ] || [ ! -x "$meanwhile_path/setsid" ] || meanwhile_setsid="$meanwhile_path/setsid"
done
meanwhile_begin=$meanwhile_setsid meanwhile_control=:
if [ -z "$meanwhile_setsid" ]; then
  meanwhile_control="set -m"
  set -m
elif /usr/bin/env --default-signal=INT true; then
  meanwhile_begin="$meanwhile_setsid /usr/bin/env --default-signal=INT,QUIT"
fi
meanwhile_self() {
  if [ -r /proc/self/stat ]; then
    read -r meanwhile_process </proc/self/stat
    set -- \${meanwhile_process#*) }
    meanwhile_process="\${meanwhile_process%% *} $2 $3 $4 \${20}"
  else
    meanwhile_process=$(exec /bin/sh -c 'echo "$PPID"')
  fi
}
meanwhile_left() {
  trap : ${survivedSignals}
  exec </dev/null 2>>"$2"
  meanwhile_self
  echo "wrapper $meanwhile_boot $meanwhile_process" >&2 || exit
  exec 4<"$2"
  read -r meanwhile_word meanwhile_rest <&4
  [ "$meanwhile_word" = wrapper ] || exit
  meanwhile_naming=$5
  meanwhile_feeder=
  if [ "$3" = open ]; then
    (
      PATH=${systemPath}
      exec mkfifo "$2.pipe" 3>&- 4<&-
    ) || exit
    (
      trap '' ${survivedSignals}
      PATH=${systemPath}
      exec tail -c +1 -f "$2.stdin" >"$2.pipe" 2>/dev/null 3>&- 4<&-
    ) &
    meanwhile_feeder=$!
  fi
  (
    meanwhile_self
    echo "began $meanwhile_process" >&2
    [ "$3" = closed ] || exec <"$2.pipe"
    umask "$meanwhile_umask"
    meanwhile_command
  )
  meanwhile_status=$?
  [ -z "$BASH_VERSION" ] || meanwhile_naming=silent
  [ "$meanwhile_naming" = silent ] || meanwhile_naming=
  echo "exit $meanwhile_status\${meanwhile_naming:+ silent}" >&2
  echo "$1" >&3
  exec >/dev/null
  [ -z "$meanwhile_feeder" ] || kill -s KILL "$meanwhile_feeder"
  [ "$4" = end ] || exit
  if [ -n "$meanwhile_setsid" ]; then
    read -r meanwhile_word meanwhile_group meanwhile_rest <&4
    kill -s TERM -- "-$meanwhile_group" 2>/dev/null && kill -s CONT -- "-$meanwhile_group"
  else
    kill -s TERM 0
    kill -s CONT 0
  fi
}
meanwhile_right() {
  trap '' XFSZ
  exec 2>>"$2"
  ulimit -f "$4"
  PATH=${systemPath}
  cat >>"$3" 2>/dev/null 3>&-
  meanwhile_status=$?
  echo "spooled $meanwhile_status" >&2
  echo "$1" >&3
  exec 3>&-
  [ "$meanwhile_status" = 0 ] || exec cat >/dev/null
}
`;
