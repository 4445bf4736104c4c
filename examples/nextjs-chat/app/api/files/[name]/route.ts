import { sampleFile } from "../../../../server/sample-file.ts";

/** Sample files to download, for everybody: as slow as from far away. */
export async function GET(
  request: Request,
  { params }: { params: Promise<{ name: string }> },
): Promise<Response> {
  const { name } = await params;
  if (!/^[a-z0-9-]{1,40}\.(csv|zip)$/.test(name)) {
    return Response.json({ error: { code: "NOT_FOUND", message: "No such file." } }, { status: 404 });
  }
  const seconds = Number(new URL(request.url).searchParams.get("seconds") ?? 15);
  const range = /^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "");
  return sampleFile({
    seconds: Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 120) : 15,
    from: range === null ? 0 : Number(range[1]),
    ifRange: request.headers.get("if-range"),
  });
}
