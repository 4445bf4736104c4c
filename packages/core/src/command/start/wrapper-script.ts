import { systemPath } from "../platform.ts";

/** Signals that a command may send to its whole group; the wrapper outlives them. */
const survived = "HUP INT QUIT ALRM TERM USR1 USR2";

/**
 * The POSIX shell script that stands between the manager and a command, so that the command, its
 * output and its exit code survive the manager. Everything comes in as a positional argument, so
 * nothing is interpolated:
 *
 * 1. the run's folder; 2. the output file; 3. its largest size in blocks of 512 bytes; 4. `open`
 * or `closed` for stdin; then the executable and its arguments.
 *
 * It is the leader of a process group and session of its own, and has two halves joined by a pipe.
 * The left one links `claim`, which says which process it is, in one step: who cannot link it,
 * because another wrapper or a recovering manager did, runs nothing. It runs the command and
 * appends `exit <code>` to `exit` with one write, then asks what is left of the group to end. The
 * right one copies what the command prints as it comes, until the size limit of the file stops it,
 * appends `spooled <status>` to `exit` once all is in the file, and throws away the rest: so the
 * cap holds without a manager, the command never blocks, and its exit code stays its own. (`head -c`
 * would hold back up to 4 KiB, and lose them when it is killed.)
 *
 * A shell that names the signal by which a command died does so on stderr, which is `exit` as
 * well; bash does not, so there the line says that it is silent.
 *
 * Signals are ignored before the first fork and caught again with `:` in the left half only, so
 * there is no moment without protection, and the command itself starts with the defaults: what is
 * caught is reset for it, what is ignored would not be.
 *
 * stdin comes from a file that the manager appends to, through `tail -f` and a FIFO: text that
 * was written is read once, even when its writer died, and it ends only with the command.
 */
export const wrapperScript: string = `
trap '' ${survived}
{
  trap : ${survived}
  meanwhile_process= meanwhile_boot=
  [ -r /proc/self/stat ] && read -r meanwhile_process </proc/self/stat
  [ -r /proc/sys/kernel/random/boot_id ] && read -r meanwhile_boot </proc/sys/kernel/random/boot_id
  (
    umask 077
    PATH=${systemPath}
    printf '%s\\n%s\\n' "$meanwhile_process" "$meanwhile_boot" >"$1/claim.$$" || exit
    exec ln "$1/claim.$$" "$1/claim" 2>/dev/null
  ) || exit
  if [ "$4" = open ]; then
    (
      umask 077
      PATH=${systemPath}
      exec mkfifo "$1/pipe"
    ) || exit
    (
      trap '' ${survived}
      PATH=${systemPath}
      exec tail -c +1 -f "$1/stdin" >"$1/pipe" 2>/dev/null
    ) &
    meanwhile_feeder=$!
    (shift 4; exec "$@" 2>&1) <"$1/pipe"
  else
    meanwhile_feeder=
    (shift 4; exec "$@" 2>&1)
  fi
  meanwhile_status=$?
  exec >/dev/null
  echo "exit $meanwhile_status\${BASH_VERSION:+ silent}" >&2
  [ -z "$meanwhile_feeder" ] || kill -KILL "$meanwhile_feeder"
  kill -TERM 0
  kill -CONT 0
} </dev/null 2>>"$1/exit" | {
  trap '' XFSZ
  PATH=${systemPath}
  ulimit -f "$3"
  cat >>"$2" 2>/dev/null
  meanwhile_status=$?
  echo "spooled $meanwhile_status" >>"$1/exit"
  [ "$meanwhile_status" = 0 ] || exec cat >/dev/null
}
`;
