export type Answer = { status: number; body: Record<string, unknown>; serverNow: number };

/** Posts JSON to one of our own endpoints. `serverNow` is the server's clock, for countdowns on computers that run wrong. */
export async function postJson(path: string, body: object): Promise<Answer> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const date = Date.parse(response.headers.get("date") ?? "");
  const text: unknown = await response.json().catch(() => ({}));
  return {
    status: response.status,
    body: text && typeof text === "object" ? (text as Record<string, unknown>) : {},
    serverNow: Number.isNaN(date) ? Date.now() : date,
  };
}

export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
