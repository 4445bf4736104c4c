import { test } from "vitest";
import { memoryStore } from "../../src/store/memory.ts";
import { testStore } from "../../src/testing/index.ts";

testStore({ name: "memory", test, create: memoryStore });
