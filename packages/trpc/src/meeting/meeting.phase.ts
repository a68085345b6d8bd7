import type { Prisma } from "@xianfeng/db";

/** What a reader sees. Stored are decisions and instants only; the phase follows from them and the clock. */
export const phases = ["draft", "not_started", "signing_in", "to_close", "closed", "void"] as const;
export type Phase = (typeof phases)[number];

export type PhaseRow = { state: string; voidedAt: Date | null; checkInOpensAt: Date; endsAt: Date };

/** Signing in is open from its first instant up to, not including, the end. */
export function phaseOf(row: PhaseRow, now: Date): Phase {
  if (row.voidedAt !== null) return "void";
  if (row.state === "draft") return "draft";
  if (row.state === "closed") return "closed";
  if (now < row.checkInOpensAt) return "not_started";
  return now < row.endsAt ? "signing_in" : "to_close";
}

/** The same as `phaseOf`, as a condition for the database. A property test keeps the two equal. */
export function phaseWhere(phase: Phase, now: Date): Prisma.MeetingWhereInput {
  const published = { voidedAt: null, state: "published" };
  switch (phase) {
    case "void":
      return { voidedAt: { not: null } };
    case "draft":
      return { voidedAt: null, state: "draft" };
    case "closed":
      return { voidedAt: null, state: "closed" };
    case "not_started":
      return { ...published, checkInOpensAt: { gt: now } };
    case "signing_in":
      return { ...published, checkInOpensAt: { lte: now }, endsAt: { gt: now } };
    case "to_close":
      return { ...published, checkInOpensAt: { lte: now }, endsAt: { lte: now } };
  }
}
