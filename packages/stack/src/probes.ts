import { askPostgres } from "./postgres.ts";
import type { Probe } from "./supervisor.ts";

/** 200 within two seconds, else the beginning of what it answered. */
export function httpProbe(url: string): Probe {
  return async () => {
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: "manual" });
      const text = await answer.text();
      return answer.status === 200 ? undefined : `${answer.status} ${text.slice(0, 300)}`.trim();
    } catch (error) {
      const { cause, message } = error as Error & { cause?: { code?: string } };
      return `没有应答 (no answer): ${cause?.code ?? message}`;
    }
  };
}

/** A query is answered. */
export const postgresProbe =
  (url: string): Probe =>
  async () => {
    const state = await askPostgres(url);
    if (state === "answers") return undefined;
    return state === "refused"
      ? "密码被拒绝 (password refused)：数据是用别的密钥创建的，请恢复原来的 secrets.json"
      : "没有应答 (no answer)";
  };
