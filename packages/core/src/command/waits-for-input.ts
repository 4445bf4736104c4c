import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { arch } from "node:process";

/**
 * Whether one of the processes waits for what is written to its stdin: it is blocked in reading it,
 * or waits for several things of which that is one (epoll). Only a stdin that has a name counts, a
 * FIFO or a terminal: an anonymous pipe is filled by another process of the tree. Always false where
 * Linux's `/proc` does not tell, and for programs that wait with poll or select.
 */
export function waitsForInput(pids: readonly number[]): boolean {
  return pids.some((pid) => stdinHasName(pid) && threads(pid).some(isWaiting));
}

/** Numbers of the system calls by which input is waited for (asm/unistd.h). */
const calls: Readonly<Record<string, { read: readonly number[]; epoll: readonly number[] }>> = {
  x64: { read: [0, 19], epoll: [232, 281, 441] },
  arm64: { read: [63, 65], epoll: [22, 441] },
};

function stdinHasName(pid: number): boolean {
  try {
    const name = readlinkSync(`/proc/${pid}/fd/0`);
    return name.startsWith("/") && name !== "/dev/null";
  } catch {
    return false;
  }
}

function threads(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
  } catch {
    return [];
  }
}

/** A thread that is blocked shows its system call and what it was given: `0 0x0 0x7ffe… …`. */
function isWaiting(thread: string): boolean {
  const [call, first] = text(`${thread}/syscall`).split(" ");
  const number = Number.parseInt(call ?? "", 10);
  const descriptor = Number.parseInt(first ?? "", 16);
  // "running", or not for us to see: then what it sleeps in has to do.
  if (Number.isNaN(number)) return /pipe_read|tty_read/.test(text(`${thread}/wchan`));
  const { read, epoll } = calls[arch] ?? { read: [], epoll: [] };
  if (read.includes(number)) return descriptor === 0;
  return epoll.includes(number) && includesStdin(`${thread}/fdinfo/${descriptor}`);
}

/** Whether an epoll descriptor is told of stdin: `tfd:        0 events: …`. */
function includesStdin(file: string): boolean {
  return /^tfd:\s+0\s/m.test(text(file));
}

function text(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}
