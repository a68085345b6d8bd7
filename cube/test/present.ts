import { expect } from "vitest";
import { z } from "zod";
import { createCubeClient } from "../../apps/insights/server/cube/client.ts";
import { token, type World } from "./world.ts";

const tenantId = 300;
const org = 300_000;
const meeting = uuid(300_001);
const people = 400;

function uuid(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
}

const members = { present: "attendance.present", asOfLsn: "attendance.as_of_lsn" } as const;
const row = z.object({ [members.present]: z.coerce.number(), [members.asOfLsn]: z.coerce.bigint() });

/** A figure and the place in the log up to which it claims to be complete. */
export type Shown = { present: number; asOfLsn: bigint };

/** How many were present at a meeting: one more with every commit, read as the analytics app reads it. */
export class Present {
  /** What was committed, and the place in the log from which on it must be shown. */
  readonly #history: { end: bigint; present: number }[] = [];
  readonly #world: World;
  /** How many have come, or are coming. */
  begun = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async start(): Promise<void> {
    const { warehouse } = this.#world;
    await warehouse.commit({
      tenant: [{ id: tenantId, code: "t300", root_org_id: org, tree_version: 1 }],
      party_org: [{ id: org, tenant_id: tenantId, parent_id: null, kind: "branch", code: "300" }],
      meeting: [
        { id: meeting, tenant_id: tenantId, org_id: org, kind: "theme_day", state: "closed", held_on: "2026-05-05" },
      ],
      person: Array.from({ length: people }, (_, no) => ({ id: uuid(301_000 + no), tenant_id: tenantId })),
    });
    await warehouse.settled();
  }

  /** One more person comes. @returns the place in the log behind it, once the marts have it */
  async comes(): Promise<bigint> {
    const no = this.begun++;
    if (no >= people) throw new Error("nobody is left");
    const attendance = {
      id: uuid(302_000 + no),
      tenant_id: tenantId,
      meeting_id: meeting,
      person_id: uuid(301_000 + no),
      org_id_then: org,
      identity_then: "full_member",
      should_attend: true,
      state: "on_time",
    };
    const end = await this.#world.warehouse.commit({ attendance: [attendance] });
    this.#history.push({ end, present: no + 1 });
    await this.#world.warehouse.settled();
    return end;
  }

  /** What the analytics app's client gets. @throws its refusal when Cube is away */
  async shown(): Promise<Shown> {
    const client = createCubeClient({ url: `${this.#world.url}/cubejs-api/v1` });
    const roots = [{ level: 0, orgId: org, below: true }];
    const [first] = await client.load(
      await token({ tenantId, roots }),
      { measures: [members.present], dimensions: [members.asOfLsn], limit: 2 },
      row,
    );
    if (!first) throw new Error("no figure");
    return { present: first[members.present], asOfLsn: first[members.asOfLsn] };
  }

  /** An answer that has just come is wrong when it is older than it claims, or counts somebody who has not come. */
  isWrong({ present, asOfLsn }: Shown): boolean {
    const least = this.#history.findLast(({ end }) => end <= asOfLsn)?.present ?? 0;
    return present < least || present > this.begun;
  }
}

/** Waits until a list that others fill is longer by so many. */
export async function more(list: readonly unknown[], count: number): Promise<void> {
  const wanted = list.length + count;
  await expect.poll(() => list.length, { timeout: 60_000, interval: 10 }).toBeGreaterThanOrEqual(wanted);
}
