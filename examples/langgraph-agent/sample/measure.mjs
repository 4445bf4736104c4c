// Prints the highest and the lowest water of a record, and their days.
import { readFileSync } from "node:fs";

const [file = ""] = process.argv.slice(2);
const rows = readFileSync(file, "utf8").trim().split("\n").slice(1);
let highest = { time: "", metres: Number.NEGATIVE_INFINITY };
let lowest = { time: "", metres: Number.POSITIVE_INFINITY };
for (const row of rows) {
  const [time = "", text] = row.split(",");
  const metres = Number(text);
  if (metres > highest.metres) highest = { time, metres };
  if (metres < lowest.metres) lowest = { time, metres };
}
console.log(`${rows.length} measurements`);
console.log(`highest water ${highest.metres.toFixed(2)} m on ${highest.time.slice(0, 10)}`);
console.log(`lowest water ${lowest.metres.toFixed(2)} m on ${lowest.time.slice(0, 10)}`);
