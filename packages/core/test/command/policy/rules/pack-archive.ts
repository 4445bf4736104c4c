/** A member of an archive: a file of `evil\n`, or a link. */
export interface Member {
  readonly name: string;
  readonly mode?: number;
  /** Where a symbolic link leads. */
  readonly link?: string;
  readonly hardLink?: string;
}

/** An archive as tar's ustar format has it: one that no honest tar would make. */
export function packArchive(members: readonly Member[]): string {
  return `${members.map(packMember).join("")}${"\0".repeat(1_024)}`;
}

const content = "evil\n";

function packMember({ name, mode = 0o644, link, hardLink }: Member): string {
  const target = link ?? hardLink;
  const size = target === undefined ? content.length : 0;
  const type = link !== undefined ? "2" : hardLink !== undefined ? "1" : "0";
  const fields = [
    name.padEnd(100, "\0"),
    octal(mode, 8),
    octal(0, 8),
    octal(0, 8),
    octal(size, 12),
    octal(0, 12),
    " ".repeat(8),
    type,
    (target ?? "").padEnd(100, "\0"),
    "ustar\u000000",
  ];
  const header = fields.join("").padEnd(512, "\0");
  const sum = Buffer.from(header, "latin1").reduce((total, byte) => total + byte, 0);
  const checked = `${header.slice(0, 148)}${sum.toString(8).padStart(6, "0")}\0 ${header.slice(156)}`;
  return size === 0 ? checked : checked + content.padEnd(512, "\0");
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}
