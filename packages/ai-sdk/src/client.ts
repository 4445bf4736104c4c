export {
  type ListeningOptions,
  type ListeningTransport,
  listeningTransport,
} from "./client/listening-transport.ts";
