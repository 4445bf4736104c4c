import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { ForeignChange, Store } from "../../src/store/store.ts";
import { virtualClock } from "../../src/testing/index.ts";
import { taskRecord } from "../../src/testing/store-suite/scenario.ts";
import { startProcess } from "./start-process.ts";
import { openStore, temporaryFolder } from "./temporary-folder.ts";

test("a commit of which no word came is noticed by looking, within a second", async () => {
  const path = join(temporaryFolder(), "state.db");
  const clock = virtualClock();
  const store = await openStore(path, { clock });
  const heard: ForeignChange[] = [];
  const unsubscribe = store.subscribe((change) => heard.push(change));
  await insert(store, "own");
  await clock.advance(1_000);
  assert.deepEqual(heard, []);
  const silent = new DatabaseSync(path);
  silent.exec("UPDATE tasks SET title = 'changed'");
  silent.close();
  await clock.advance(999);
  assert.deepEqual(heard, []);
  await clock.advance(1);
  assert.deepEqual(heard, ["all"]);
  await clock.advance(5_000);
  assert.deepEqual(heard, ["all"]);
  unsubscribe();
  assert.equal(clock.pendingTimers, 0);
});

test("a commit of which word came is not reported a second time", async () => {
  const path = join(temporaryFolder(), "state.db");
  const clock = virtualClock();
  const store = await openStore(path, { clock });
  const other = await openStore(path);
  const heard: ForeignChange[] = [];
  const word = new Promise((resolve) => {
    store.subscribe((change) => resolve(heard.push(change)));
  });
  await insert(other, "a");
  await word;
  await clock.advance(3_000);
  assert.deepEqual(heard, [new Set(["s"])]);
});

test("a newcomer may have missed something, so each of the others tells it so", async () => {
  const path = join(temporaryFolder(), "state.db");
  const [first, second] = [await openStore(path), await openStore(path)];
  const newcomer = await openStore(path);
  const heard = nextChanges(newcomer, 2);
  // They have not had the time to notice that there is somebody to tell.
  await insert(first, "a");
  await insert(second, "b");
  assert.deepEqual(await heard, ["all", "all"]);
});

test("three that have a store open hear each other, whoever came last", async () => {
  const path = join(temporaryFolder(), "state.db");
  const stores: Store[] = [];
  for (let others = 0; others < 3; others++) {
    const store = await openStore(path);
    stores.push(store);
    await nextChanges(store, others);
  }
  for (const [index, writer] of stores.entries()) {
    const others = stores.filter((store) => store !== writer);
    const heard = others.map(nextChange);
    await insert(writer, `t${index}`);
    assert.deepEqual(await Promise.all(heard), [new Set(["s"]), new Set(["s"])]);
  }
});

test("closing ends the timer and the socket, and others go on", async () => {
  const path = join(temporaryFolder(), "state.db");
  const clock = virtualClock();
  const store = await openStore(path, { clock });
  const other = await openStore(path);
  store.subscribe(() => {});
  assert.equal(readdirSync(`${path}.peers`).length, 2);
  await store.close();
  assert.equal(clock.pendingTimers, 0);
  assert.equal(readdirSync(`${path}.peers`).length, 1);
  await insert(other, "a");
  assert.equal((await other.task("a"))?.id, "a");
  await other.close();
  assert.equal(existsSync(`${path}.peers`), false);
});

test("the socket of a process that died is removed by the next one", async () => {
  const path = join(temporaryFolder(), "state.db");
  const dead = startProcess("listen", path);
  assert.equal(await dead.next(), "ready");
  dead.process.kill("SIGKILL");
  await dead.rest();
  const [left] = readdirSync(`${path}.peers`);
  await openStore(path);
  const now = readdirSync(`${path}.peers`);
  assert.equal(now.length, 1);
  assert.notEqual(now[0], left);
});

test("the folder of sockets is for this user alone", async () => {
  const path = join(temporaryFolder(), "state.db");
  await openStore(path);
  assert.equal(statSync(`${path}.peers`).mode & 0o777, 0o700);
});

test("a path too long for a socket is no hindrance", async () => {
  const folder = join(temporaryFolder(), "x".repeat(60), "y".repeat(60));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "state.db");
  const before = new Set(readdirSync(tmpdir()));
  const store = await openStore(path);
  const other = await openStore(path);
  const heard = nextChange(store);
  await insert(other, "a");
  assert.deepEqual(await heard, new Set(["s"]));
  assert.equal(existsSync(`${path}.peers`), false);
  const made = () =>
    readdirSync(tmpdir()).filter((name) => !before.has(name) && name.endsWith(".peers"));
  assert.equal(made().length, 1);
  await store.close();
  await other.close();
  assert.deepEqual(made(), []);
});

test("a folder that others could write to is not used, and others are noticed all the same", async () => {
  const path = join(temporaryFolder(), "state.db");
  mkdirSync(`${path}.peers`, { mode: 0o777 });
  chmodSync(`${path}.peers`, 0o777);
  const clock = virtualClock();
  const store = await openStore(path, { clock });
  const other = await openStore(path);
  assert.deepEqual(readdirSync(`${path}.peers`), []);
  const heard = nextChange(store);
  await insert(other, "a");
  await clock.advance(1_000);
  assert.equal(await heard, "all");
});

test("a peer that does not read is not waited for, and is told of all when it reads again", async () => {
  const path = join(temporaryFolder(), "state.db");
  const { connected } = await slowPeer(path);
  const store = await openStore(path);
  const socket = await connected;
  const session = "s".repeat(4_000);
  const before = process.memoryUsage.rss();
  for (let index = 0; index < 2_000; index++) {
    await store.commit([{ type: "insert", task: taskRecord(`t${index}`, { session }) }]);
  }
  expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  let received = "";
  const told = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      received += chunk;
      if (received.endsWith('\n"all"\n')) resolve();
    });
  });
  socket.resume();
  await told;
  expect(received.length).toBeLessThan(2_000 * 4_000);
});

test("nonsense from a socket is taken for a change, and never for a name to connect to", async () => {
  const path = join(temporaryFolder(), "state.db");
  const store = await openStore(path);
  const [name = ""] = readdirSync(`${path}.peers`);
  const heard: ForeignChange[] = [];
  const third = new Promise<void>((resolve) => {
    store.subscribe((change) => {
      if (heard.push(change) === 3) resolve();
    });
  });
  const socket = createConnection(join(`${path}.peers`, name));
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write('"../../evil.sock"\n{broken\n["s"]\n[1, {"a": 2}]\n');
  await third;
  assert.deepEqual(heard, ["all", new Set(["s"]), new Set(["1", "[object Object]"])]);
});

function insert(store: Store, id: string): Promise<unknown> {
  return store.commit([{ type: "insert", task: taskRecord(id) }]);
}

async function nextChange(store: Store): Promise<ForeignChange | undefined> {
  return (await nextChanges(store, 1))[0];
}

function nextChanges(store: Store, count: number): Promise<readonly ForeignChange[]> {
  const changes: ForeignChange[] = [];
  if (count === 0) return Promise.resolve(changes);
  return new Promise((resolve) => {
    const unsubscribe = store.subscribe((change) => {
      if (changes.push(change) < count) return;
      unsubscribe();
      resolve(changes);
    });
  });
}

/** Listens like a peer but reads nothing; `connected` resolves with the first connection to it. */
async function slowPeer(path: string): Promise<{ readonly connected: Promise<Socket> }> {
  mkdirSync(`${path}.peers`, { mode: 0o700 });
  const server = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(join(`${path}.peers`, "z-1.sock"), resolve));
  const connected = new Promise<Socket>((resolve) => {
    server.once("connection", (socket) => {
      onTestFinished(() => {
        socket.destroy();
      });
      resolve(socket);
    });
  });
  onTestFinished(() => {
    server.close();
  });
  return { connected };
}
