// The command that the agent runs: hashes every file of the repository. Plain JavaScript, since it
// runs on whichever Node the machine has. Each line that it prints can be read while it runs.
import { createHash, pbkdf2Sync } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** So much work that there is something to watch, whatever the number of files. */
const rounds = 18_000_000;
const notOurs = new Set([".git", ".meanwhile", ".turbo", "coverage", "dist", "node_modules"]);

const files = listFiles(".");
const whole = createHash("sha256");
let printed = 0;
for (const [index, file] of files.entries()) {
  whole.update(file).update(hash(file));
  const percent = Math.floor(((index + 1) / files.length) * 100);
  if (percent < printed + 2) continue;
  printed = percent;
  console.log(`${index + 1}/${files.length} files`);
}
console.log(`${files.length} files hashed, fingerprint ${whole.digest("hex").slice(0, 16)}`);

function hash(file) {
  return pbkdf2Sync(read(file), file, Math.ceil(rounds / files.length), 32, "sha256");
}

function read(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    // Somebody works in the repository while we do, and has deleted it since it was listed.
    if (error.code === "ENOENT") return "";
    throw error;
  }
}

function listFiles(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !notOurs.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listFiles(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}
