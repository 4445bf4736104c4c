import { resolve } from "node:path";

/** Where everything is kept that a restart must find again. */
export const stateFolder: string = resolve(process.env["STATE_FOLDER"] ?? ".meanwhile");
