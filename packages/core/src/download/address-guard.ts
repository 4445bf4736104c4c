import type { LookupAddress, LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { downloadError } from "./failure.ts";
import { isPublicAddress } from "./public-address.ts";

/** All addresses of a name, as `dns.lookup` with `all` gives them. */
export type Resolve = (
  hostname: string,
  options: LookupOptions & { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Why a URL whose host is written as an address is refused, undefined when it is not: a connection
 * to a literal address asks no `lookup`.
 */
export function literalRefusal({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, "");
  return isIP(address) === 0 || isPublicAddress(address) ? undefined : refusal(hostname);
}

/**
 * A `lookup` for a socket that refuses a name when any of its addresses is not public. The socket
 * connects to the addresses given here and asks no second time, so a name that answers
 * differently to each question gains nothing.
 */
export function guardedLookup(resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, []);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        return callback(downloadError(refusal(hostname)), []);
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}

function refusal(host: string): string {
  return `The host ${host} has a private, local or reserved address, and downloads from such are not allowed here. Use a public URL; only the application's developer can allow this host.`;
}
