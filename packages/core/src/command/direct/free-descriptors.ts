import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";

/** The two ends of each pipe and of one more, and what a new process needs beside them. */
const needed = 12;

/**
 * Throws `EMFILE` or `ENFILE` when fewer descriptors are free than a start takes. Node itself loses
 * its ends of the pipes when the new process is the first to find out, and would soon have none left.
 */
export function requireFreeDescriptors(): void {
  const opened: number[] = [];
  try {
    while (opened.length < needed) opened.push(openSync(devNull, "r"));
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
