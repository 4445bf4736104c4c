import type { ModelMessage } from "ai";
import type { Attachment } from "../attach/attach.ts";

/** What a run's call is given, to be spread into the options of the AI SDK. */
export interface RunCall extends Attachment {
  /** The conversation so far. */
  readonly messages: ModelMessage[];
  readonly abortSignal: AbortSignal;
}

/** Bounds of a run that waits for the session's tasks. */
export interface RunLimits {
  /** Ends the run in whatever it does. */
  readonly signal?: AbortSignal;
  /** Most calls, each of as many steps as its `stopWhen` allows. @default unlimited */
  readonly maxTurns?: number;
  /** Most milliseconds without news in one wait, which begins anew after each turn. @default unlimited */
  readonly maxIdleMs?: number;
}

/**
 * Why a run ended. `idle`: the model has nothing left to do, no task is open and nothing is owed.
 * `waiting-for-tool-results`: a tool waits for an approval, or for the client. `error`: the provider
 * gave an error in the place of an answer. `closed`: the manager was.
 */
export type RunReason =
  | "idle"
  | "waiting-for-tool-results"
  | "max-turns"
  | "max-idle"
  | "aborted"
  | "closed"
  | "error";
