import { isIPv6 } from "node:net";
import { MeanwhileError } from "../errors.ts";

/** Settings of a `download` definition. */
export interface DownloadOptions {
  /**
   * Folder that the files go to. A target outside it is refused, also by way of a symbolic link.
   * @default process.cwd(), when the task runs
   */
  readonly directory?: string;
  /**
   * Whether private and local addresses may be reached: true for all, or the hosts that may, as
   * `host` or `host:port`.
   * @default false
   */
  readonly allowPrivate?: boolean | readonly string[];
  /** Most bytes of one file; an input may ask for fewer. @default 2 GiB */
  readonly maxBytes?: number;
  /**
   * How often in a row an interrupted transfer is taken up again without one new byte, before
   * the task fails. Interruptions are network errors, stalls and the statuses 408, 429 and 5xx.
   * @default 5
   */
  readonly retries?: number;
  /**
   * Milliseconds before the first such retry; doubles with each, to 30 seconds at most. A
   * `Retry-After` of up to five minutes is kept; a longer one fails the task.
   * @default 1000
   */
  readonly retryDelayMs?: number;
  /** Milliseconds without a byte after which a connection counts as interrupted. @default 30000 */
  readonly stallMs?: number;
  /** The `User-Agent` header. @default "meanwhile" */
  readonly userAgent?: string;
}

/** The options with their defaults, checked. */
export interface DownloadSettings {
  readonly directory: string | undefined;
  /** True when the private addresses behind a URL's host may be reached. */
  readonly isAllowed: (url: URL) => boolean;
  readonly maxBytes: number;
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly stallMs: number;
  readonly userAgent: string;
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function downloadSettings(options: DownloadOptions): DownloadSettings {
  const userAgent = options.userAgent ?? "meanwhile";
  if (!/^[\x20-\x7e]+$/.test(userAgent)) {
    throw invalid("userAgent must be visible ASCII text");
  }
  return {
    directory: options.directory,
    isAllowed: allowance(options.allowPrivate ?? false),
    maxBytes: integer("maxBytes", options.maxBytes ?? 2 * 1024 ** 3, 1),
    retries: integer("retries", options.retries ?? 5, 0),
    retryDelayMs: integer("retryDelayMs", options.retryDelayMs ?? 1_000, 0),
    stallMs: integer("stallMs", options.stallMs ?? 30_000, 1),
    userAgent,
  };
}

function integer(name: string, value: number, least: number): number {
  if (!Number.isSafeInteger(value) || value < least) {
    throw invalid(`${name} must be an integer of at least ${least}, and is ${value}`);
  }
  return value;
}

function allowance(allowed: boolean | readonly string[]): (url: URL) => boolean {
  if (typeof allowed === "boolean") return () => allowed;
  const hosts = new Set(allowed.map(normalHost));
  return (url) => hosts.has(url.hostname) || hosts.has(`${url.hostname}:${portOf(url)}`);
}

/** The entry as a URL writes it: lower case, numbers and IPv6 addresses in their one spelling. */
function normalHost(entry: string): string {
  const text = isIPv6(entry) ? `[${entry}]` : entry;
  const [, host, port] = /^(\[[^\]]+\]|[^:/?#@\\]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const url = host === undefined ? null : URL.parse(`http://${host}/`);
  if (url === null) {
    throw invalid(`allowPrivate holds "${entry}", which is not a host or host:port`);
  }
  return port === undefined ? url.hostname : `${url.hostname}:${Number(port)}`;
}

function portOf(url: URL): string {
  if (url.port !== "") return url.port;
  return url.protocol === "https:" ? "443" : "80";
}

function invalid(reason: string): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", `The download option ${reason}.`);
}
