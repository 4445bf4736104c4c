export {
  type BackgroundSummarizationOptions,
  backgroundSummarization,
} from "./history/background-summarization.ts";
export type { HistorySize, TokenCounter } from "./history/size.ts";
export {
  type MeanwhileMiddlewareOptions,
  meanwhileMiddleware,
} from "./middleware/meanwhile-middleware.ts";
export type { BackgroundFlag } from "./tools/background-flag.ts";
export { type BackgroundableOptions, backgroundable } from "./tools/backgroundable.ts";
