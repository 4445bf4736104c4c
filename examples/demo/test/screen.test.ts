import type { WriteStream } from "node:tty";
import { expect, test } from "vitest";
import { openScreen } from "../src/screen.ts";
import { Terminal } from "./terminal.ts";

function openTerminal(columns: number) {
  const terminal = new Terminal(columns);
  return { terminal, screen: openScreen(terminal as unknown as WriteStream) };
}

test("what is printed stands above the rows, which are drawn in place", () => {
  const { terminal, screen } = openTerminal(40);
  using _screen = screen;
  let percent = 10;

  screen.print("one");
  screen.show(() => [`a ${percent} %`, "b"]);
  percent = 20;
  screen.print("two");

  expect(terminal.lines).toEqual(["one", "two", "a 20 %", "b", ""]);
});

test("fewer and shorter rows leave nothing of those before", () => {
  const { terminal, screen } = openTerminal(40);
  using _screen = screen;

  screen.show(() => ["a long row", "another row", "a third"]);
  screen.show(() => ["short"]);

  expect(terminal.lines).toEqual(["short", ""]);
});

test("rows can be removed, or left to stand", () => {
  const { terminal, screen } = openTerminal(40);
  using _screen = screen;

  screen.show(() => ["a"]);
  screen.end("remove");
  screen.show(() => ["b"]);
  screen.end("leave");
  screen.print("c");

  expect(terminal.lines).toEqual(["b", "c", ""]);
});

test("a row that is wider than the terminal is cut, so that it takes one line", () => {
  const { terminal, screen } = openTerminal(10);
  using _screen = screen;

  screen.show(() => ["0123456789012345"]);
  screen.show(() => ["abcdefghijklmnop"]);

  expect(terminal.lines).toEqual(["abcdefghi", ""]);
});
