import { controlHeader, type LetterGroup, type Operation } from "@xianfeng/service/stream-page";
import type { Plan } from "./environment.ts";

/** The stream cannot be asked, or does not take it on. The message is for people. */
export class StreamRefused extends Error {
  override name = "StreamRefused";
}

/** The stream's own page, for those who hold the key of this installation. */
export function streamPage({ ports, secrets }: Pick<Plan, "ports" | "secrets">) {
  const ask = async <Answer>(path: string, body?: object): Promise<Answer> => {
    const answer = await fetch(`http://127.0.0.1:${ports.STREAM_PORT}${path}`, {
      method: body ? "POST" : "GET",
      headers: { [controlHeader]: secrets.STREAM_CONTROL_KEY },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    }).catch((cause: unknown) => {
      throw new StreamRefused(
        "数据流没有运行或没有回答 (the stream is not running)。请看 npm run status、npm run logs stream",
        {
          cause,
        },
      );
    });
    const told = (await answer.json()) as { error?: string };
    if (answer.ok) return told as Answer;
    if (answer.status === 403)
      throw new StreamRefused(
        "数据流不认这把密钥：它是用另一份 secrets.json 启动的，请重新启动 (another key: restart)",
      );
    if (answer.status === 409 && /published table/.test(told.error ?? ""))
      throw new StreamRefused(`没有这张表，或它不进入分析端 (not a published table): ${told.error?.split(" ")[0]}`);
    if (answer.status === 409)
      throw new StreamRefused(`数据流现在不能这样做 (not now): ${told.error}。请看 npm run status 和 npm run doctor`);
    throw new StreamRefused(`数据流回答 (the stream says) ${answer.status}: ${told.error}`);
  };
  return {
    letters: () => ask<{ letters: LetterGroup[] }>("/letters").then(({ letters }) => letters),
    operations: () => ask<{ operations: Operation[] }>("/operations").then(({ operations }) => operations),
    begin: (asked: Pick<Operation, "id" | "kind" | "table">) => ask<Operation>("/operations", asked),
  };
}

export type StreamPage = ReturnType<typeof streamPage>;
