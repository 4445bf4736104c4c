export { type SqliteStoreOptions, sqliteStore } from "./store/sqlite/sqlite-store.ts";
