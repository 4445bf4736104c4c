/** What a tool answers whose call runs on in the background. */
export interface TaskStarted {
  readonly type: "background-task";
  readonly taskId: string;
  /** For the model. */
  readonly text: string;
}

/** Whether a tool's output says that the call runs on in the background. */
export function isTaskStarted(output: unknown): output is TaskStarted {
  return (
    typeof output === "object" &&
    output !== null &&
    "type" in output &&
    output.type === "background-task" &&
    "taskId" in output &&
    typeof output.taskId === "string" &&
    "text" in output &&
    typeof output.text === "string"
  );
}
