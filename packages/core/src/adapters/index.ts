export { endedTask, endingId } from "../notifications/ending.ts";
export { deliveryHeader } from "../render/delivery.ts";
export { clearSession } from "./clear-session.ts";
export { type Received, receiveUntold } from "./receive-untold.ts";
export { requireCount, requireTimer } from "./require-number.ts";
export { type News, type NewsOptions, waitForNews } from "./wait-for-news.ts";
