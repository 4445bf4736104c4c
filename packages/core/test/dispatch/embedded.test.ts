import { test } from "vitest";
import { embeddedDispatcher } from "../../src/dispatch/embedded.ts";
import { testDispatcher } from "../../src/testing/index.ts";

testDispatcher({ name: "embedded", test, create: embeddedDispatcher });
