/** Where this server finds itself. Next sets PORT before it loads us. */
export const sampleOrigin: string = `http://127.0.0.1:${process.env["PORT"] ?? 3000}`;
