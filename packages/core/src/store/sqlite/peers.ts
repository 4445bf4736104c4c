import type { Server, Socket } from "node:net";
import type { ForeignChange } from "../store.ts";
import { isPeerName, type PeerFolder, peerFolder } from "./peer-folder.ts";

/** The other processes that have the store open, as far as they can be reached. */
export interface Peers {
  /** Tells all of them, without waiting for any. */
  tell(change: ForeignChange): void;
  close(): Promise<void>;
}

interface Peer {
  readonly socket: Socket;
  /** Connected, and with room for another line. */
  ready: boolean;
  /** Was not told of a change, so it must be told of all when it is ready. */
  behind: boolean;
}

const longestLine = 8_192;
const longestInput = 1_048_576;
let listening = 0;

/**
 * Listens on a socket of its own and connects to everybody else's. Each process sends on the
 * connections that it made and receives on those made to it: a line of JSON with the sender's
 * name, then one for each commit with the sessions that it touched, or "all". Nothing here keeps
 * the process running.
 */
export async function joinPeers(
  databasePath: string,
  onChange: (change: ForeignChange) => void,
): Promise<Peers> {
  const net = await import("node:net");
  const folder = peerFolder(databasePath);
  const incoming = new Set<Socket>();
  const peers = new Map<string, Peer>();
  const server = net.createServer((socket) => {
    incoming.add(socket);
    // What was committed before there was a connection to the newcomer, it may have missed.
    receive(socket, onChange, (name) => void connect(name, true));
    socket.once("close", () => incoming.delete(socket));
  });
  const ownName = await listen(server, folder);
  const others = folder.names().filter((name) => name !== ownName);
  await Promise.all(others.map((name) => connect(name, false)));

  return {
    tell(change) {
      if (peers.size === 0) return;
      const text = change === "all" ? '"all"\n' : `${JSON.stringify([...change])}\n`;
      const line = text.length > longestLine ? '"all"\n' : text;
      for (const peer of peers.values()) {
        if (peer.ready) peer.ready = peer.socket.write(line);
        else peer.behind = true;
      }
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of incoming) socket.destroy();
      for (const { socket } of peers.values()) socket.destroy();
      await closed;
      folder.forget(ownName);
    },
  };

  /** Resolves once the peer is connected, or is known not to be there. */
  function connect(name: string, behind: boolean): Promise<void> {
    if (name === ownName || peers.has(name)) return Promise.resolve();
    return new Promise((resolve) => {
      const socket = net.connect(folder.address(name));
      const peer: Peer = { socket, ready: false, behind };
      peers.set(name, peer);
      const getReady = () => {
        peer.ready = true;
        if (!peer.behind) return;
        peer.behind = false;
        peer.ready = socket.write('"all"\n');
      };
      socket.on("drain", getReady);
      socket.once("connect", () => {
        socket.unref();
        socket.write(`${JSON.stringify(ownName)}\n`);
        getReady();
        resolve();
      });
      socket.on("error", (error: NodeJS.ErrnoException) => {
        // A socket that nobody listens on any more: its process died.
        if (error.code === "ECONNREFUSED" || error.code === "ENOENT") folder.forget(name);
      });
      socket.once("close", () => {
        if (peers.get(name) === peer) peers.delete(name);
        resolve();
      });
    });
  }
}

/** On the first name that is free; the answer is that name. */
async function listen(server: Server, folder: PeerFolder): Promise<string> {
  for (;;) {
    listening += 1;
    folder.create();
    const name = `${process.pid.toString(36)}-${listening.toString(36)}.sock`;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(folder.address(name), () => {
          server.off("error", reject);
          resolve();
        });
      });
    } catch (error) {
      // A process that died, or one in another container, had the same number; or the last of
      // the others just took the folder away.
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE" || code === "ENOENT") continue;
      throw error;
    }
    server.unref();
    server.on("error", () => {});
    folder.announce(name);
    return name;
  }
}

/** The first line is the sender's name, each other one a change. */
function receive(
  socket: Socket,
  onChange: (change: ForeignChange) => void,
  onName: (name: string) => void,
): void {
  let rest = "";
  let named = false;
  socket.unref();
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestInput) socket.destroy();
    for (const line of lines) {
      const value = parse(line);
      if (!named && isPeerName(value)) onName(value);
      else if (named) onChange(Array.isArray(value) ? new Set(value.map(String)) : "all");
      named = true;
    }
  });
}

/** A line that cannot be read says at least that something changed. */
function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return "all";
  }
}
