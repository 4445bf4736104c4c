/** A text in a sentence: in quotes, short, as visible ASCII. */
export function show(text: string): string {
  const short = text.length <= 200 ? text : `${text.slice(0, 200)}...`;
  return JSON.stringify(short).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** An argument list as a person would type it. */
export function showCommand(argv: readonly string[]): string {
  return argv.map(quote).join(" ");
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument);
}
