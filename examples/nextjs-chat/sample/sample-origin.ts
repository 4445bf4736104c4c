/** The port of the server with files to download. Next sets PORT before it loads us. */
export const samplePort: number = Number(
  process.env["SAMPLE_PORT"] ?? Number(process.env["PORT"] ?? 3000) + 1,
);

export const sampleOrigin: string = `http://127.0.0.1:${samplePort}`;
