import { describe, expect, test } from "vitest";
import { guardedLookup, literalRefusal } from "../../src/download/address-guard.ts";
import { isPublicAddress } from "../../src/download/public-address.ts";

const refused = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "127.0.0.1",
  "127.255.255.254",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:8.8.8.8",
  "::ffff:127.0.0.1",
  "::8.8.8.8",
  "64:ff9b::8.8.8.8",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%lo",
  "fec0::1",
  "ff02::1",
  "not an address",
  "",
];
const accepted = [
  "1.1.1.1",
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.1",
  "172.15.0.1",
  "172.32.0.1",
  "192.0.1.1",
  "223.255.255.255",
  "2606:4700:4700::1111",
  "2a00:1450:4001::1",
  "2001:4860:4860::8888",
];

describe("isPublicAddress", () => {
  test.each(refused)("refuses %s", (address) => expect(isPublicAddress(address)).toBe(false));
  test.each(accepted)("accepts %s", (address) => expect(isPublicAddress(address)).toBe(true));
});

test.each([
  "http://0x7f.1/",
  "http://2130706433/",
  "http://017700000001/",
  "http://127.1/",
  "http://127.0.0.1./",
  "http://0/",
  "http://①②⑦.⓪.⓪.①/",
  "http://[::1]/",
  "http://[::ffff:7f00:1]/",
  "http://[0:0:0:0:0:ffff:10.0.0.1]/",
])("a private address written as %s is refused", (url) => {
  expect(literalRefusal(new URL(url))).toMatch(/private, local or reserved/);
});

describe("a guarded lookup", () => {
  function lookUp(addresses: readonly string[], all: boolean): Promise<unknown> {
    let answers = 0;
    const lookup = guardedLookup((_hostname, _options, callback) => {
      answers += 1;
      // The second answer is what a rebinding name server would slip in.
      const given = answers === 1 ? addresses : ["127.0.0.1"];
      callback(
        null,
        given.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    });
    return new Promise((resolve, reject) => {
      lookup("name.test", { all }, (error, address, family) =>
        error === null ? resolve({ address, family }) : reject(error),
      );
    });
  }

  test("gives the socket exactly the addresses that it checked", async () => {
    expect(await lookUp(["8.8.8.8", "2606:4700::1"], true)).toEqual({
      address: [
        { address: "8.8.8.8", family: 4 },
        { address: "2606:4700::1", family: 6 },
      ],
      family: undefined,
    });
    expect(await lookUp(["8.8.8.8", "2606:4700::1"], false)).toEqual({
      address: "8.8.8.8",
      family: 4,
    });
  });

  test.each([
    { addresses: ["127.0.0.1"] },
    { addresses: ["8.8.8.8", "10.0.0.1"] },
    { addresses: ["2606:4700::1", "::ffff:10.0.0.1"] },
    { addresses: [] },
  ])("refuses a name whose addresses are $addresses", async ({ addresses }) => {
    for (const all of [true, false]) {
      await expect(lookUp(addresses, all)).rejects.toMatchObject({ code: "DOWNLOAD" });
    }
  });

  test("passes on that a name does not exist", async () => {
    const missing = Object.assign(new Error("none"), { code: "ENOTFOUND" });
    const lookup = guardedLookup((_hostname, _options, callback) => callback(missing, []));
    const error = await new Promise((resolve) => {
      lookup("name.test", {}, resolve);
    });
    expect(error).toBe(missing);
  });
});
