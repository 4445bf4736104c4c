import type { NextConfig } from "next";

const config: NextConfig = {
  // Tasks outlive what a bundler makes of their modules.
  serverExternalPackages: ["@meanwhile/core"],
  turbopack: {
    // Paths are made from settings, when the server runs.
    ignoreIssue: [{ path: "**", title: /^Dynamic filesystem access/ }],
  },
  // `npm run typecheck` does it, together with the tests.
  typescript: { ignoreBuildErrors: true },
  // A compressor would hold back what is streamed.
  compress: false,
  poweredByHeader: false,
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        // Nobody else's page may lay itself over the button that allows a command.
        { key: "Content-Security-Policy", value: "frame-ancestors 'none'" },
        { key: "Referrer-Policy", value: "same-origin" },
        { key: "X-Content-Type-Options", value: "nosniff" },
      ],
    },
  ],
};

export default config;
