import "server-only";
import { TRPCError } from "@trpc/server";
import { notFound } from "next/navigation";

/** What a page needs to exist at all; otherwise the page is not there, for whatever reason the reader may not see it. */
export async function found<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof TRPCError && ["NOT_FOUND", "BAD_REQUEST", "FORBIDDEN"].includes(error.code)) notFound();
    throw error;
  }
}
