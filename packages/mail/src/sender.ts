import { type Db, decrypt, inTenant, type Tx } from "@xianfeng/db";
import type { Level } from "@xianfeng/service";
import { isQuiet, waitAfter } from "@xianfeng/trpc/message/rules";
import type { Deliver, Delivery } from "./deliver.ts";
import { failPoint } from "./failpoint.ts";
import { letterOf } from "./letter.ts";
import { claim, type Due, expire, markConfigured, markNotConfigured, recipientOf, tenantsOf } from "./queue.ts";

/** Details hold numbers of messages and codes; never names, addresses or words. */
export type Log = (level: Level, event: string, details?: Record<string, string | number>) => void;

export type SenderOptions = {
  /** As the role of the apps: row security applies. */
  db: Db;
  dataKey: string;
  /** null = no mail service is configured: nothing goes out, and every message says so. */
  deliver: Deliver | null;
  appUrl: string;
  log: Log;
  now?: () => Date;
  /** Pause between two mails; the service takes two in a second. */
  paceMs?: number;
  pollMs?: number;
};

const minute = 60_000;
const shortestPause = 5_000;
const longestPause = 5 * minute;

/**
 * Sends waiting mails, one at a time. A row stays locked from the claim to its new state, so any number of senders may run; one that is
 * killed in between leaves it waiting, and the next try carries the same idempotency key.
 */
export class Sender {
  readonly #options: Required<SenderOptions>;
  #stopping = false;
  #wake = () => {};
  #pausedUntil = 0;
  #failuresInARow = 0;
  #problem: string | null = "正在启动 (starting)";

  constructor(options: SenderOptions) {
    this.#options = { now: () => new Date(), paceMs: 500, pollMs: 5_000, ...options };
  }

  get isConfigured(): boolean {
    return this.#options.deliver !== null;
  }

  /** Why nothing can go out although it should; null when all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Works until `stop`. A database that is away is asked again. */
  async run(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.pass();
        if (!this.#problem?.startsWith("邮件服务")) this.#problem = null;
      } catch (error) {
        this.#problem = "数据库没有应答 (database)";
        this.#options.log("error", "pass-failed", placeOf(error));
      }
      await this.#sleep(this.#options.pollMs);
    }
  }

  /** Ends after the mail that is being sent. */
  stop(): void {
    this.#stopping = true;
    this.#wake();
  }

  /** Deals with everything that is due now. @returns how many mails were tried */
  async pass(): Promise<number> {
    const { db, deliver, now } = this.#options;
    let tried = 0;
    for (const tenantId of await tenantsOf(db)) {
      await inTenant(db, tenantId, async (tx) => {
        const expired = await expire(tx, now());
        const changed = deliver ? await markConfigured(tx, now()) : await markNotConfigured(tx, now());
        if (expired > 0) this.#options.log("warn", "expired", { messages: expired });
        if (changed > 0) this.#options.log("info", deliver ? "configured" : "not-configured", { messages: changed });
      });
      while (deliver && !this.#stopping && now().getTime() >= this.#pausedUntil) {
        if (!(await inTenant(db, tenantId, (tx) => this.#next(tx, deliver)))) break;
        tried++;
        await this.#sleep(this.#options.paceMs);
      }
    }
    return tried;
  }

  /** Claims, sends and marks one mail in one transaction. @returns whether there was one */
  async #next(tx: Tx, deliver: Deliver): Promise<boolean> {
    const now = this.#options.now();
    const due = await claim(tx, now, isQuiet(now));
    if (!due) return false;
    failPoint("claimed");
    const recipient = await recipientOf(tx, due.principalId);
    const change =
      "dropped" in recipient
        ? { state: "dropped", lastError: recipient.dropped }
        : this.#changeAfter(due, await this.#try(deliver, due, recipient.mailEnc));
    failPoint("accepted");
    await tx.outboxMessage.update({ where: { id: due.id }, data: change });
    return true;
  }

  async #try(deliver: Deliver, due: Due, mailEnc: Uint8Array): Promise<Delivery> {
    const { appUrl, dataKey } = this.#options;
    let to: string;
    try {
      to = decrypt({ dataKey }, mailEnc);
    } catch {
      return { kind: "refused", code: "unreadable_address" };
    }
    return deliver({ id: due.id, to, letter: letterOf(due, appUrl) });
  }

  /** What the row says after a try, and how long all others wait. */
  #changeAfter(due: Due, delivery: Delivery) {
    const now = this.#options.now();
    const later = (ms: number) => new Date(now.getTime() + ms);
    const { log } = this.#options;
    const attempts = due.attempts + 1;
    const about = { message: due.id, attempts };
    if (delivery.kind === "sent") {
      this.#failuresInARow = 0;
      this.#problem = null;
      log("info", "sent", about);
      const { providerId } = delivery;
      return { state: "sent", sentAt: now, attempts, lastError: null, providerId };
    }
    log(delivery.kind === "busy" ? "info" : "warn", delivery.kind, { ...about, code: delivery.code });
    if (delivery.kind === "refused") return { state: "failed", attempts, lastError: delivery.code };
    if (delivery.kind === "busy") {
      this.#pausedUntil = now.getTime() + delivery.waitMs;
      // Being asked to wait is no failed attempt; the day after which a mail expires bounds it.
      return { state: "waiting", lastError: delivery.code, nextAttemptAt: later(delivery.waitMs) };
    }
    if (delivery.kind === "locked") {
      this.#problem = `邮件服务拒绝了密钥或发件地址 (${delivery.code})`;
      this.#pausedUntil = now.getTime() + minute;
    } else {
      const pause = Math.min(shortestPause * 2 ** this.#failuresInARow++, longestPause);
      this.#pausedUntil = now.getTime() + pause;
    }
    const wait = waitAfter(attempts);
    return wait === null
      ? { state: "failed", attempts, lastError: delivery.code }
      : { state: "waiting", attempts, lastError: delivery.code, nextAttemptAt: later(wait * minute) };
  }

  #sleep(ms: number): Promise<void> {
    if (this.#stopping || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Kind and code of an error without its words, which may quote a row. */
function placeOf(error: unknown): Record<string, string> {
  if (!(error instanceof Error)) return { kind: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return { kind: error.name, code };
}
