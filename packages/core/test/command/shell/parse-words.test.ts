import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { parseWords } from "../../../src/command/shell/parse-words.ts";
import { readCorpus } from "./corpus.ts";
import { findShells } from "./shells.ts";

function whyNot(text: string): string {
  const result = parseWords(text);
  return result.ok ? "accepted" : result.why;
}

describe("the corpus of hostile lines", async () => {
  const corpus = await readCorpus();
  const asks = corpus.filter(({ expected }) => expected.startsWith("ask (not plain words: "));
  it.each(asks)("$id ($note) is refused for the reason expected", ({ line, expected }) => {
    expect(`ask (not plain words: ${whyNot(line)}); never auto-run`).toBe(expected);
  });

  const unreadable = corpus.filter(({ expected }) => /invisible|NUL/.test(expected));
  it.each(unreadable)("$id ($note) is refused as unreadable", ({ line }) => {
    expect(whyNot(line)).toMatch(/^(invisible\/control characters|char U\+0000)$/);
  });

  const judged = corpus.filter((each) => !asks.includes(each) && !unreadable.includes(each));
  it.each(judged)("$id ($note) is read, so that rules can judge it", ({ line }) => {
    expect(whyNot(line)).toBe("accepted");
  });

  it("has cases of all three kinds", () => {
    expect([asks, unreadable, judged].every((cases) => cases.length > 0)).toBe(true);
  });
});

describe("plain words", () => {
  it.each<[string, readonly string[][], readonly string[]]>([
    ["ls", [["ls"]], []],
    ["  ls   -la  ", [["ls", "-la"]], []],
    [
      "npm test && npm run lint",
      [
        ["npm", "test"],
        ["npm", "run", "lint"],
      ],
      ["&&"],
    ],
    ["a;b|c||d&&e", [["a"], ["b"], ["c"], ["d"], ["e"]], [";", "|", "||", "&&"]],
    [
      "git commit -m 'a; b' --author=\"x <y@z>\"",
      [["git", "commit", "-m", "a; b", "--author=x <y@z>"]],
      [],
    ],
    ["echo '' \"\" a''b 'a'\"b\"c", [["echo", "", "", "ab", "abc"]], []],
    [
      "echo '$HOME' '`id`' '\\' '!!' '\"' \"'\"",
      [["echo", "$HOME", "`id`", "\\", "!!", '"', "'"]],
      [],
    ],
    ["date +%Y-%m-%d", [["date", "+%Y-%m-%d"]], []],
    ["scp u@host:a/b_c.txt ./d,e", [["scp", "u@host:a/b_c.txt", "./d,e"]], []],
    ["make CC=gcc X=a=b", [["make", "CC=gcc", "X=a=b"]], []],
    ["python3.11 -m http.server", [["python3.11", "-m", "http.server"]], []],
    ["./run.sh /etc/x ../y", [["./run.sh", "/etc/x", "../y"]], []],
    ["g++ -o x", [["g++", "-o", "x"]], []],
    ["echo if then", [["echo", "if", "then"]], []],
    ["grep 'naïve 日本 😀 👩‍💻' a", [["grep", "naïve 日本 😀 👩‍💻", "a"]], []],
  ])("%s", (text, commands, operators) => {
    expect(parseWords(text)).toEqual({ ok: true, line: { commands, operators } });
  });
});

describe("anything else is refused:", () => {
  it.each([
    ["an empty line", "", "empty"],
    ["blanks", "   ", "empty"],
    ["an operator first", "; ls", "op"],
    ["an operator last", "ls;", "op"],
    ["an operator last, with blanks", "ls && ", "op"],
    ["an empty command", "a && ; b", "op"],
    ["two operators", "a || && b", "op"],
    ["a pipe of errors too", "a |& b", "op"],
    ["a case's end", "a ;& b", "op"],
    ["background at the end", "a &", "background"],
    ["background with disowning, as zsh does", "a &! b", "background"],
    ["background with disowning, joined", "a &| b", "op"],
    ["a newline", "a\nb", "char U+000a"],
    ["a newline at the end", "a\n", "char U+000a"],
    ["a tab", "a\tb", "char U+0009"],
    ["a vertical tab", "a\vb", "char U+000b"],
    ["a NUL", "a\0b", "char U+0000"],
    ["a blank that is no blank", "a\u00a0b", "char U+00a0"],
    ["a wide blank", "a\u3000b", "char U+3000"],
    ["a letter of another alphabet", "сat a", "char U+0441"],
    ["a character outside the first plane", "echo \u{1f600}", "char U+1f600"],
    ["half a surrogate pair", "echo \ud83d", "char U+d83d"],
    ["a variable", "echo $a", "char U+0024"],
    ["a variable in braces", "echo $\u007ba}", "char U+0024"],
    ["backticks", "echo `a`", "char U+0060"],
    ["quotes with escapes", "echo $'a'", "char U+0024"],
    ["quotes with translation", 'echo $"a"', "char U+0024"],
    ["an escape", "echo a\\ b", "char U+005c"],
    ["an escaped quote", "echo 'it'\\''s'", "char U+005c"],
    ["a glob of one", "ls ?", "char U+003f"],
    ["a class", "ls [ab]", "char U+005b"],
    ["a class's end", "ls ]", "char U+005d"],
    ["braces", "echo {a,b}", "char U+007b"],
    ["a brace's end", "echo }", "char U+007d"],
    ["a home", "ls ~", "char U+007e"],
    ["a home after a colon", "ls a:~", "char U+007e"],
    ["a negation by zsh", "ls ^a", "char U+005e"],
    ["history", "echo !!", "char U+0021"],
    ["a negated command", "! ls", "char U+0021"],
    ["a comment", "ls # a", "char U+0023"],
    ["a pattern's repetition", "ls a#", "char U+0023"],
    ["a subshell", "(ls)", "char U+0028"],
    ["a function", "a() ls", "char U+0028"],
    ["a group", "{ ls; }", "char U+007b"],
    ["a test", "[ a ]", "char U+005b"],
    ["a range by zsh", "ls <1-5>", "char U+003c"],
    ["an appended file", "ls >>a", "char U+003e"],
    ["all output to a file", "ls &>a", "background"],
    ["a process's output as a file", "ls <(a)", "char U+003c"],
    ["a variable in double quotes", 'echo "$a"', "expansion-in-dquotes"],
    ["backticks in double quotes", 'echo "`a`"', "expansion-in-dquotes"],
    ["an escape in double quotes", 'echo "\\""', "expansion-in-dquotes"],
    ["history in double quotes", 'echo "a!b"', "expansion-in-dquotes"],
    ["an open single quote", "echo 'a", "unterminated"],
    ["an open double quote", 'echo "a', "unterminated"],
    ["two single-quoted parts, one by RC_QUOTES", "echo 'a''b'", "adjacent-quotes"],
    ["zsh's path of a program", "echo =ls", "zsh-equals"],
    ["the same after an option's name, by an option", "echo a==ls", "zsh-equals"],
    ["the same in a list, by an option", "echo a=b:=ls", "zsh-equals"],
    ["the same after quotes", "echo a=''=ls", "zsh-equals"],
    ["an invisible character", "echo 'a\u200bb'", "invisible/control characters"],
    ["a tag character", 'echo "a\u{e0041}"', "invisible/control characters"],
    ["text written from right to left", "echo 'a\u2067b'", "invisible/control characters"],
    ["a line separator", "echo 'a\u2028b'", "invisible/control characters"],
    ["an escape sequence", "echo '\x1b[2K'", "invisible/control characters"],
    ["a C1 control", "echo '\x9b2K'", "invisible/control characters"],
    ["a newline in quotes", "echo 'a\nb'", "invisible/control characters"],
    ["a carriage return in quotes", 'echo "a\rb"', "invisible/control characters"],
    ["a delete", "echo '\x7f'", "invisible/control characters"],
    ["half a surrogate pair in quotes", "echo '\udc00'", "invisible/control characters"],
    ["a private character", "echo '\ue000'", "invisible/control characters"],
    ["a pile of marks", `echo 'a${"\u0301".repeat(5)}'`, "invisible/control characters"],
    ["an assignment", "a=b ls", "assignment-prefix"],
    ["an assignment alone", "a=b", "assignment-prefix"],
    ["an addition", "a+=b ls", "assignment-prefix"],
    ["a quoted assignment", "a='b c' ls", "assignment-prefix"],
    ["an assignment later", "ls | a=b ls", "assignment-prefix"],
    ["a quoted name", "'ls' a", "command-name"],
    ["a partly quoted name", 'l"s" a', "command-name"],
    ["an empty name", '"" a', "command-name"],
    ["a dash", "- ls", "command-name"],
    ["a job", "%1", "command-name"],
    ["a folder", "..", "command-name"],
    ["nothing done", ": a", "command-name"],
    ["a sourced file", ". ./a", "reserved-word"],
    ["an evaluation", "eval 'ls'", "reserved-word"],
    ["another folder", "cd a && ls", "reserved-word"],
    ["a condition", "if ls; then ls; fi", "reserved-word"],
    ["a reserved word after an operator", "ls && while a", "reserved-word"],
  ])("%s", (_, text, why) => {
    expect(whyNot(text)).toBe(why);
  });

  it("more than 10,000 characters", () => {
    expect(whyNot(`a ${"b".repeat(9_998)}`)).toBe("accepted");
    expect(whyNot(`a ${"b".repeat(9_999)}`)).toBe("too-long");
  });

  it("more than 20 commands", () => {
    expect(whyNot(Array.from({ length: 20 }, () => "a").join(";"))).toBe("accepted");
    expect(whyNot(Array.from({ length: 21 }, () => "a").join(" | "))).toBe("too-many-commands");
  });

  it("every character that is not listed, where it stands unquoted", () => {
    const literal = new Set(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:@_",
    );
    for (let code = 0; code <= 0xffff; code += 1) {
      const character = String.fromCharCode(code);
      const accepted = parseWords(`ls a${character}b`).ok;
      expect(accepted, `U+${code.toString(16)}`).toBe(
        literal.has(character) || " ;|=".includes(character),
      );
    }
  });
});

const shells = findShells();

describe.each([
  ["bash", ["-c", "compgen -k"]],
  ["zsh", ["-f", "-c", "print -l $\u007b(k)reswords}"]],
] as const)("%s", (shell, listing) => {
  const { path } = shells.find(({ name }) => name === shell) ?? {};
  it.skipIf(path === undefined)("has no reserved word that passes for a program's name", () => {
    const listed = execFileSync(path ?? "", listing, { encoding: "utf8" });
    const words = listed.trim().split("\n");
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((word) => parseWords(word).ok)).toEqual([]);
  });
});
