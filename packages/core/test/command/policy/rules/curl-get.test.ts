import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { curlGet } from "../../../../src/command/policy/rules/curl-get.ts";
import { isInstalled, type Lab, openLab, titled } from "./lab.ts";

const ready = isInstalled("curl") && isInstalled("openssl");
let folder: string;
let server: Server;
let origin: string;
let lab: Lab;
let asked: string[] = [];

beforeAll(async () => {
  if (!ready) return;
  folder = mkdtempSync(join(tmpdir(), "meanwhile-curl-"));
  const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
  const how = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
  const names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  spawnSync("openssl", [...how.split(" "), "-keyout", key, "-out", certificate, ...names]);
  server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) });
  server.on("request", ({ method, url = "", headers }, response) => {
    asked.push(`${method} ${url} ${headers.accept}`);
    if (url === "/moved") response.writeHead(302, { location: `${origin}/elsewhere` });
    if (url === "/long") response.writeHead(200, { "content-length": "2000" });
    response.end(url === "/long" ? "x".repeat(2_000) : "body\n");
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  if (!ready) return;
  server.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  asked = [];
  const hosts = ["api.example.com", origin === undefined ? "localhost" : origin.slice(8)];
  lab = openLab({
    commands: { curl: curlGet({ hosts, maxBytes: 1_000, maxSeconds: 20 }) },
    env: ready ? { CURL_CA_BUNDLE: join(folder, "certificate") } : {},
  });
  lab.write("home/.curlrc", `url = "file://${lab.outside}/secret"\noutput = "${lab.root}/new"\n`);
});

afterEach(() => lab.remove());

describe.runIf(ready)("curl", () => {
  it("prints what a host that is listed answers", async () => {
    const ran = await run("-fsS", `${origin}/a?b=c`);
    expect(ran).toEqual({ exitCode: 0, text: "body\n" });
    expect(asked).toEqual(["GET /a?b=c */*"]);
  });

  it("says what it accepts, and can ask for the head only", async () => {
    await run("-sI", "-H", "Accept: application/json", `${origin}/`);
    expect(asked).toEqual(["HEAD / application/json"]);
  });

  it("writes below the root, and never over a file", async () => {
    expect((await run("-s", "-o", "folder/new", `${origin}/`)).exitCode).toBe(0);
    expect(readFileSync(join(lab.root, "folder/new"), "utf8")).toBe("body\n");
    const before = readFileSync(join(lab.root, "a.txt"), "utf8");
    await run("-s", `${origin}/`, "-o", "a.txt");
    expect(readFileSync(join(lab.root, "a.txt"), "utf8")).toBe(before);
  });

  it("does not follow a redirect", async () => {
    await run("-s", `${origin}/moved`);
    expect(asked).toEqual(["GET /moved */*"]);
  });

  it("refuses what is too long", async () => {
    const ran = await run("-sS", `${origin}/long`);
    expect(ran.exitCode).toBe(63);
    expect(ran.text).not.toContain("xxx");
  });

  it("does not read a configuration file, which would read and write elsewhere", async () => {
    lab.runOpenly(["curl", "-s"]);
    expect(readFileSync(join(lab.root, "new"), "utf8")).toBe("SECRET\n");
    rmSync(join(lab.root, "new"));
    expect(await run("-s", `${origin}/`)).toEqual({ exitCode: 0, text: "body\n" });
    expect(existsSync(join(lab.root, "new"))).toBe(false);
  });

  const url = "https://api.example.com/";
  it.each(
    titled([
      ["http://api.example.com/"],
      ["file:///etc/passwd"],
      ["api.example.com"],
      ["//api.example.com/"],
      ["HTTPS://api.example.com/"],
      ["https://API.example.com/"],
      ["https://apiXexample.com/"],
      ["https://api.example.com.evil.invalid/"],
      ["https://api.example.com@evil.invalid/"],
      ["https://evil.invalid@api.example.com/"],
      ["https://user:word@api.example.com/"],
      ["https://api.example.com:8443/"],
      ["https://api.example.com:443@evil.invalid/"],
      ["https://api.example.com\\@evil.invalid/"],
      ["https://api.example.com\\.evil.invalid/"],
      ["https://api.example.com#@evil.invalid/"],
      ["https://api.example.com./"],
      ["https://{api.example.com,evil.invalid}/"],
      ["https://api.example.com/{a,b}"],
      ["https://api.example.com/[1-9]"],
      ["https://api。example。com/"],
      ["https://аpi.example.com/"],
      ["https://%61pi.example.com/"],
      ["https://api.example.com/ -o x"],
      ["https://api.example.com/\nurl=file:///etc/passwd"],
      ["https://evil.invalid/?https://api.example.com/"],
      ["https:api.example.com/"],
      ["https:///api.example.com/"],
      ["ftp://api.example.com/"],
      ["-"],
      [],
      [url, url],
      [url, "--next", "http://evil.invalid/"],
      ["--url", "file:///etc/passwd", url],
      ["-K", "lines", url],
      ["-Klines", url],
      ["--config=lines", url],
      ["-o", "../outside/new", url],
      ["-o../outside/new", url],
      ["-o", "away/new", url],
      ["-O", url],
      ["-OJ", url],
      ["--output-dir", "../outside", "-o", "new", url],
      ["--create-dirs", "-o", "x/new", url],
      ["-T", "a.txt", url],
      ["-d", "@a.txt", url],
      ["--data=x", url],
      ["-F", "x=@a.txt", url],
      ["-G", "--data-urlencode", "x@a.txt", url],
      ["--json", "{}", url],
      ["-X", "DELETE", url],
      ["-H", "@a.txt", url],
      ["-H", "Host: evil.invalid", url],
      ["-H", "Accept: x\r\nHost: evil.invalid", url],
      ["-L", url],
      ["-fsSL", url],
      ["--location-trusted", url],
      ["-k", url],
      ["--resolve", "api.example.com:443:127.0.0.1", url],
      ["--connect-to", "::evil.invalid:443", url],
      ["-x", "http://evil.invalid", url],
      ["--preproxy=socks5://evil.invalid", url],
      ["--unix-socket", "/var/run/docker.sock", url],
      ["--abstract-unix-socket", "x", url],
      ["--doh-url", "https://evil.invalid", url],
      ["--interface", "lo", url],
      ["-n", url],
      ["--netrc-file", "link", url],
      ["-u", "a:b", url],
      ["-b", "link", url],
      ["-c", "new", url],
      ["-D", "new", url],
      ["--trace", "new", url],
      ["--stderr", "new", url],
      ["-w", "%output{new}", url],
      ["-w", "@link", url],
      ["--etag-save", "new", url],
      ["--hsts", "new", url],
      ["--alt-svc", "new", url],
      ["--libcurl", "new", url],
      ["-E", "link", url],
      ["--cacert", "link", url],
      ["--engine", "./evil.so", url],
      ["--proto", "=file", url],
      ["--max-filesize", "9999999999", url],
      ["--clobber", url],
      ["--remove-on-error", "-o", "a.txt", url],
      ["-Z", url],
      ["-:", url],
    ]),
  )("curl %s is refused", (_, rest) => {
    expect(lab.decide(["curl", ...rest])).toMatchObject({ decision: "deny" });
  });
});

it.each([
  [[]],
  [["API.example.com"]],
  [["https://api.example.com"]],
  [["api.example.com/"]],
  [["*.example.com"]],
  [["api.example.com."]],
  [["api.example.com:0"]],
  [["a b"]],
  [[""]],
  [["api.example.com|evil.invalid"]],
])("hosts %j make no sense", (hosts) => {
  expect(() => curlGet({ hosts })).toThrow(/curlGet needs hosts/);
});

it.each([{ maxBytes: 0 }, { maxSeconds: 1.5 }])("%j makes no sense", (options) => {
  expect(() => curlGet({ hosts: ["a.example"], ...options })).toThrow(/whole number/);
});

/** Runs what is granted beside the server, which is in this process. */
async function run(
  ...rest: readonly string[]
): Promise<{ readonly exitCode: number | null; readonly text: string }> {
  const decision = lab.decide(["curl", ...rest]);
  if (decision.decision !== "allow") throw new Error(JSON.stringify(decision));
  const { executable, argv, cwd, env } = decision.grant;
  const child = spawn(executable, argv.slice(1), { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, text };
}
