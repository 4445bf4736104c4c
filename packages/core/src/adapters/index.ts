export { deliveryHeader } from "../render/delivery.ts";
export { clearSession } from "./clear-session.ts";
export { type Received, receiveUntold } from "./receive-untold.ts";
export { type News, type NewsOptions, waitForNews } from "./wait-for-news.ts";
