import { homedir } from "node:os";

/** What commands can reach. Paths may begin with `~` for the home folder. */
export interface SandboxRuntimeOptions {
  /** Folders that commands may write: usually the workspace. @default none */
  readonly allowWrite?: readonly string[];
  /** Of these, what they may not. @default none */
  readonly denyWrite?: readonly string[];
  /**
   * What they may not read; everything else they may. Folders that they may write are excepted.
   * @default the home folder
   */
  readonly denyRead?: readonly string[];
  /** Of what they may not read, what they may. @default none */
  readonly allowRead?: readonly string[];
  /** Hosts that they may connect to, such as `"*.npmjs.org"` or `"github.com:443"`. @default none */
  readonly allowedDomains?: readonly string[];
  /** Everything else of the package's configuration, as it is. @default nothing */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The configuration of `@anthropic-ai/sandbox-runtime`. */
export function runtimeConfig(
  access: SandboxRuntimeOptions,
  programs: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const { allowWrite = [], denyWrite = [], allowRead, allowedDomains = [], config = {} } = access;
  const { denyRead = [homedir()].filter((home) => home !== "/") } = access;
  const credentials = section(config["credentials"]);
  const variables = credentials["envVars"];
  return {
    ...programs,
    ...config,
    network: { deniedDomains: [], ...section(config["network"]), allowedDomains },
    filesystem: {
      ...section(config["filesystem"]),
      ...{ denyRead, allowWrite, denyWrite },
      ...(allowRead === undefined ? {} : { allowRead }),
    },
    credentials: {
      ...credentials,
      // The package would pass on this process's own value.
      envVars: [
        ...(Array.isArray(variables) ? variables : []),
        { name: "JAVA_TOOL_OPTIONS", mode: "deny" },
      ],
    },
  };
}

function section(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
