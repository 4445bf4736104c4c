/** Tests run on the sources of every package, so no build is needed first. */
const conditions = ["meanwhile-source"];

/** What the vitest.config.ts of each package shares. */
export default {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    retry: 0,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
} as const;
