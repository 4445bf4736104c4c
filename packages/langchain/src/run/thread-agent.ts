import type { StateSnapshot } from "@langchain/langgraph";

/** What is used of an agent, as `createAgent` makes it. */
export interface ThreadAgent {
  invoke(input: unknown, config?: object): Promise<unknown>;
  stream(input: unknown, config?: object): Promise<AsyncIterable<unknown>>;
  readonly graph: {
    getState(config: object): Promise<StateSnapshot>;
    readonly interruptBefore?: "*" | readonly string[] | undefined;
    readonly interruptAfter?: "*" | readonly string[] | undefined;
  };
  readonly checkpointer?: unknown;
}

/** The agent as a graph: its own `invoke` adds its configuration, and prepares its middleware. */
export interface AgentGraph<Agent extends ThreadAgent> {
  readonly invoke: Agent["invoke"];
  readonly stream: Agent["stream"];
  getState(config: object): Promise<StateSnapshot>;
  readonly checkpointer?: unknown;
  readonly interruptBefore?: "*" | readonly string[] | undefined;
  readonly interruptAfter?: "*" | readonly string[] | undefined;
}

export function graphOf<Agent extends ThreadAgent>(agent: Agent): AgentGraph<Agent> {
  const { graph } = agent;
  return {
    invoke: ((input: unknown, config?: object) => agent.invoke(input, config)) as Agent["invoke"],
    stream: ((input: unknown, config?: object) => agent.stream(input, config)) as Agent["stream"],
    getState: (config) => graph.getState(config),
    // It can be set later.
    get checkpointer() {
      return agent.checkpointer;
    },
    interruptBefore: graph.interruptBefore,
    interruptAfter: graph.interruptAfter,
  };
}
