const statuses = {
  INVALID_REQUEST: 400,
  NO_VISITOR: 401,
  WRONG_ORIGIN: 403,
  NOT_FOUND: 404,
  ANSWERED: 409,
  TOO_LARGE: 413,
  WRONG_CONTENT_TYPE: 415,
} as const;

/** Why an endpoint refuses a request, as `{ error: { code, message } }`. */
export class Refusal extends Error {
  readonly code: keyof typeof statuses;

  constructor(code: keyof typeof statuses, message: string) {
    super(message);
    this.code = code;
  }

  get response(): Response {
    const { code, message } = this;
    return Response.json({ error: { code, message } }, { status: statuses[code] });
  }
}
