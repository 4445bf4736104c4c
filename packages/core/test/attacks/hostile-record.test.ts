import { join } from "node:path";
import { expect, it } from "vitest";
import type { CommandOutput } from "../../src/index.ts";
import { cgroups, namespace } from "../command/end/contained.ts";
import { type Attacked, endOf, openAttacked } from "./attacked.ts";
import { watched } from "./watched.ts";

/** In a script: where the task's files are, and who started it. */
const prelude = `
wrapper=$PPID
record=$(readlink "/proc/$wrapper/fd/2")
folder=\${record%/*}
both=$(cut -d ' ' -f 4 "/proc/$wrapper/stat")
launcher=$(cut -d ' ' -f 4 "/proc/$both/stat")
`;

/** What a command does to what is kept of it, and how its task may truthfully end. */
const attacks: readonly (readonly [string, string, object])[] = [
  ["kills its wrapper", "kill -KILL $wrapper; sleep 600", { code: "INTERRUPTED" }],
  ["kills what began its wrapper", "kill -KILL $both; exit 4", { code: "EXIT_CODE" }],
  ["kills its wrapper and exits", "kill -KILL $wrapper; exit 4", { code: "INTERRUPTED" }],
  ["removes its record and exits", 'rm "$record"; exit 4', { code: "INTERRUPTED" }],
  ["removes its record and goes on", 'rm "$record"; sleep 600', { code: "INTERRUPTED" }],
  ["removes its folder and goes on", 'rm -r "$folder"; sleep 600', { code: "INTERRUPTED" }],
  ["empties its record and goes on", ': >"$record"; sleep 600', { code: "INTERRUPTED" }],
  [
    "empties its record and kills wrapper and launcher",
    ': >"$record"; kill -KILL $wrapper $launcher; sleep 600',
    { code: "INTERRUPTED" },
  ],
  [
    "puts a pipe in place of its record, which nobody writes to",
    'rm "$record"; mkfifo "$record"; sleep 600',
    { code: "INTERRUPTED" },
  ],
  [
    "puts a link to an endless file in place of its record",
    'ln -sf /dev/zero "$record"; sleep 600',
    { code: "INTERRUPTED" },
  ],
  [
    "puts a folder in place of its record",
    'rm "$record"; mkdir "$record"; sleep 600',
    { code: "INTERRUPTED" },
  ],
  [
    "writes that it has exited, and goes on",
    'echo "exit 0" >>"$record"; sleep 600',
    { exitCode: 0 },
  ],
  [
    "fills its record with 100 MB",
    'yes "exit zero" | head -c 100000000 >>"$record"; exit 4',
    { code: "EXIT_CODE", details: { exitCode: 4 } },
  ],
  [
    "claims to have had no process, after killing its wrapper",
    'printf "wrapper - 1\\nCannot fork\\n" >"$record"; kill -KILL $wrapper; sleep 600',
    { code: "INTERRUPTED" },
  ],
  [
    "rings for others, and floods the manager with rings",
    "{ seq 1 200; head -c 100000000 /dev/zero; } >/proc/$launcher/fd/3; exit 4",
    { code: "EXIT_CODE", details: { exitCode: 4 } },
  ],
  ["kills the launcher", "kill -KILL $launcher; exit 4", { code: "EXIT_CODE" }],
  [
    "fills its folder",
    'for i in $(seq 2000); do : >"$folder/$i"; done; exit 4',
    { code: "EXIT_CODE", details: { exitCode: 4 } },
  ],
];

// In a namespace of its own it sees none of these.
const canSee = cgroups !== undefined || namespace === undefined;

it.skipIf(!canSee).each(attacks)(
  "a command that %s is reported truthfully, and harms no other",
  async (name, script, end) => {
    await using attacked = await openAttacked();
    await watched(name, async () => {
      const log = join(attacked.directory, "log");
      const task = await attacked.start(`echo run >>'${log}'; ${prelude}${script}`);
      const others = Array.from({ length: 5 }, (_, index) => calm(attacked, index));
      expect(await endOf(task)).toMatchObject(end);
      await Promise.all(others);
      await calm(attacked, 6);
      expect(await attacked.commands.survivors()).toEqual([]);
      // Whatever it says of itself, it ran once.
      const runs = await attacked.start(`cat '${log}'`);
      expect(await endOf(runs)).toMatchObject({ outputBytes: "run\n".length });
    });
  },
);

async function calm(attacked: Attacked, index: number): Promise<void> {
  const task = await attacked.start(`sleep 0.05; echo calm${index}`);
  const end = (await endOf(task)) as CommandOutput;
  expect(end).toMatchObject({ exitCode: 0, truncated: false });
  expect((await task.output()).text).toBe(`calm${index}\n`);
}
