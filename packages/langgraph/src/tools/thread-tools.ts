import { ToolMessage } from "@langchain/core/messages";
import {
  DynamicStructuredTool,
  type StructuredToolInterface,
  ToolInputParsingException,
} from "@langchain/core/tools";
import type {
  BackgroundManager,
  Tool,
  ToolAnswer,
  ToolCallOptions,
  ToolsOptions,
} from "@meanwhile/core";
import { type ThreadConfig, threadSession } from "../thread/thread-session.ts";
import { type CallConfig, callKey } from "./call-key.ts";

/** What a tool's message carries beside its text. */
export type TaskArtifact = Omit<ToolAnswer, "text">;

/**
 * The tools of core as tools of LangChain: one for each definition, and the six that every session
 * has. They are the same for all threads: each call is that of the thread whose run makes it.
 *
 * @throws MeanwhileError as `session.tools`
 */
export function threadTools(
  manager: BackgroundManager,
  options: ToolsOptions = {},
): StructuredToolInterface[] {
  const { definitions, ...rest } = options;
  const settled = definitions === undefined ? rest : { ...rest, definitions: [...definitions] };
  // Of no session yet: only their names and schemas are looked at.
  const shapes = manager.session("tools").tools(settled);
  return shapes.map(
    (shape, index) =>
      new ThreadTool(
        shape,
        (config) => threadSession(manager, config).tools(settled)[index] ?? shape,
      ),
  );
}

/** Core checks the input, and tells the model how to mend it: so none is refused before. */
class ThreadTool extends DynamicStructuredTool {
  readonly #answer: (
    input: unknown,
    config: CallConfig | undefined,
  ) => Promise<[unknown, TaskArtifact]>;

  constructor(shape: Tool, toolFor: (config: ThreadConfig | undefined) => Tool) {
    const answer = async (
      input: unknown,
      config: CallConfig | undefined,
    ): Promise<[unknown, TaskArtifact]> => {
      const { text, ...artifact } = await toolFor(config).call(input, callOptions(config));
      return [toContent(shape.name, text, artifact, config), artifact];
    };
    super({
      name: shape.name,
      description: shape.description,
      // A copy, since LangChain writes into what it validates with.
      schema: structuredClone(shape.inputSchema),
      responseFormat: "content_and_artifact",
      func: (input, _runManager, config) => answer(input, config),
    });
    this.#answer = answer;
  }

  override async call(
    ...[input, config, tags]: Parameters<DynamicStructuredTool["call"]>
  ): ReturnType<DynamicStructuredTool["call"]> {
    try {
      return await super.call(input, config, tags);
    } catch (error) {
      if (!(error instanceof ToolInputParsingException)) throw error;
      const [content] = await this.#answer(input, config as CallConfig | undefined);
      return content;
    }
  }
}

function callOptions(config: CallConfig | undefined): ToolCallOptions {
  const idempotencyKey = callKey(config);
  return {
    ...(config?.signal && { signal: config.signal }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  };
}

/** A message where the call has an id, so that an error is marked as one. */
function toContent(
  name: string,
  text: string,
  artifact: TaskArtifact,
  config: CallConfig | undefined,
): string | ToolMessage {
  const id = config?.toolCall?.id;
  if (id === undefined) return text;
  const status = artifact.isError ? "error" : "success";
  return new ToolMessage({ name, content: text, artifact, status, tool_call_id: id });
}
