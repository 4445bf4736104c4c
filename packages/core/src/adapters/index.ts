export { deliveryHeader } from "../render/delivery.ts";
export { type Received, receiveUntold } from "./receive-untold.ts";
export { type News, type NewsOptions, waitForNews } from "./wait-for-news.ts";
