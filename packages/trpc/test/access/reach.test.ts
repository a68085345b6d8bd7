import type { Permission, Scope } from "@xianfeng/auth";
import { access, procedures, reaches } from "@xianfeng/auth/access-table";
import type { Db, Tx } from "@xianfeng/db";
import superjson from "superjson";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCaller } from "../../src/index.ts";
import { instantOf } from "../../src/kernel/calendar.ts";
import { today } from "../fixture.ts";
import { type About, calls, missing, type Target, targetOf } from "./calls.ts";
import { createWorld, type Holder, markerOf, type Place, placeNames, places, relationOf, type World } from "./world.ts";

const actors: Holder[] = [
  { role: "committee_admin", at: "U", below: true },
  { role: "committee_admin", at: "K1", below: true },
  { role: "committee_admin", at: "K1", below: false },
  { role: "general_branch_admin", at: "G11", below: true },
  { role: "general_branch_admin", at: "G11", below: false },
  { role: "branch_secretary", at: "B111", below: false },
  { role: "branch_admin", at: "B111", below: false },
  { role: "member", at: "B111", below: false },
  { role: "screen", at: "K1", below: true },
  { role: "system_admin", at: "U", below: true },
];
const name = ({ role, at, below }: Holder) => `${role} at ${at}${below ? " and below" : ""}`;
const targets: Place[] = ["U", "K1", "G11", "B111", "B112", "B121", "K2", "B211", "X", "X1"];

class Undo extends Error {}

/** The same database, but whatever a call writes is rolled back when it ends: every call finds the same world. */
function undoing(db: Db): Db {
  const transaction = async (work: (tx: Tx) => Promise<unknown>, options: object) => {
    const kept: { value?: unknown } = {};
    await db
      .$transaction(async (tx) => {
        kept.value = await work(tx);
        throw new Undo();
      }, options)
      .catch((error: unknown) => {
        if (!(error instanceof Undo)) throw error;
      });
    return kept.value;
  };
  return new Proxy(db, { get: (of, key) => (key === "$transaction" ? transaction : Reflect.get(of, key)) });
}

let world: World;
let db: Db;
const scopes = new Map<Holder, Scope>();
/** Uploads by the committee at K1 and by the other committees; an upload's one row has the id of the upload. */
const batches = new Map<Place, string>();
let asked = 0;

beforeAll(async () => {
  world = await createWorld();
  db = undoing(world.app);
  for (const actor of actors) {
    const person = actor.role === "member" ? (world.records.B111.people[0] ?? null) : null;
    scopes.set(actor, await world.scopeOf([actor], person));
  }
  for (const at of ["U", "K1", "K2", "X"] as const) {
    const { principalId } = await world.scopeOf([{ role: "committee_admin", at, below: true }]);
    batches.set(at, await addBatch(at, principalId));
  }
});
afterAll(() => world?.close());

async function addBatch(at: "U" | "K1" | "K2" | "X", createdBy: string): Promise<string> {
  const tenantId = world.tenantOf(at);
  const { periodId, indicatorId } = world.evaluations[at === "U" ? "K1" : at];
  const { id } = await world.owner.importBatch.create({
    data: {
      tenantId,
      kind: "evaluation",
      orgId: world.orgs[at],
      state: "checked",
      fileName: `${markerOf(at)}表.xlsx`,
      fileHash: at,
      createdBy,
      expiresAt: instantOf("2026-12-31", "00:00"),
      parameters: {
        periodId,
        indicatorId,
        sheet: "一",
        hiddenRows: 0,
        otherSheets: 0,
        outcome: { added: 0, replaced: 0, unchanged: 0 },
      },
    },
  });
  const cells = { studentNo: "", name: "王同名", branch: `${markerOf("B111")}组织`, value: "90" };
  await world.owner.importRow.create({ data: { id, tenantId, batchId: id, no: 2, state: "refused", cells } });
  return id;
}

const committeeOf = (place: Place): Place =>
  place.startsWith("X") ? "X" : place === "K2" || /^[GB]2/.test(place) ? "K2" : "K1";
const within = (actor: Holder, permission: Permission, place: Place): boolean => {
  const reach = access[actor.role][permission];
  return reach !== undefined && reaches[reach][actor.below ? "below" : "alone"].includes(relationOf(actor.at, place));
};

/** What the table says about a call: null where the place has no such record. */
function expected(about: About, actor: Holder, permission: Permission, place: Place): "open" | "hidden" | null {
  const say = (open: boolean) => (open ? "open" : "hidden");
  const isBranch = world.records[place] !== undefined;
  const committee = committeeOf(place);
  if (about === "nothing") return "open";
  if (about === "org") return say(within(actor, permission, place));
  if (about === "under") return say(relationOf(actor.at, place) === "own");
  if (about === "committee") return say(within(actor, permission, committee));
  if (about === "period")
    return say(
      placeNames.some(
        (one) =>
          `${places[one]}/`.startsWith(`${places[committee]}/`) &&
          (one === committee || world.records[one] !== undefined) &&
          within(actor, permission, one),
      ),
    );
  if (about === "tenant") return say(relationOf(actor.at, place) !== "other_tenant");
  if (about === "batch") return batches.has(place) ? say(place === actor.at && actor.below) : null;
  if (about === "mine") return isBranch ? say(actor.role === "member" && place === actor.at) : null;
  return isBranch ? say(within(actor, permission, place)) : null;
}

type Answer = { kind: string; text: string };

async function ask(scope: Scope | null, path: string, target: Target): Promise<Answer> {
  asked++;
  const caller = createCaller(world.contextOf(scope, db));
  const call = path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], caller) as (
    input: unknown,
  ) => Promise<unknown>;
  try {
    return { kind: "ok", text: superjson.stringify((await call(calls[path]?.input?.(target))) ?? null) };
  } catch (error) {
    const { code, message, cause } = error as { code?: string; message: string; cause?: unknown };
    return { kind: code ?? "fault", text: `${message} ${JSON.stringify(cause ?? null)}` };
  }
}

const at = (place: Place): Target => {
  const batchId = batches.get(place);
  const target = targetOf(world, place);
  // The row of the upload names somebody without a number, who is then chosen among those of that name.
  const personId = committeeOf(place) === "K1" ? world.twins.B111 : target.personId;
  return batchId ? { ...target, batchId, personId } : target;
};
const shut = new Set(["NOT_FOUND", "FORBIDDEN", "UNAUTHORIZED", "INTERNAL_SERVER_ERROR", "fault"]);
const paths = Object.keys(procedures);

describe("nobody", () => {
  it("is told of every procedure only that a session is needed", async () => {
    const wrong: string[] = [];
    for (const path of paths) {
      const { kind } = await ask(null, path, at("B111"));
      if (kind !== "UNAUTHORIZED") wrong.push(`${path}: ${kind}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe.each(actors.map((actor) => [name(actor), actor] as const))("%s", (_, actor) => {
  it("gets every procedure of the table, at every record of the table, and no other", async () => {
    const [wrong, leaks]: [string[], string[]] = [[], []];
    const scope = scopes.get(actor) ?? null;
    const foreign = placeNames.filter((place) => !mayBeNamed(actor, place));
    for (const path of paths) {
      const permission = procedures[path];
      const about = calls[path]?.about;
      if (!permission || !about) throw new Error(`${path} has no call`);
      if (access[actor.role][permission] === undefined) {
        const { kind } = await ask(scope, path, at(actor.at));
        if (kind !== "FORBIDDEN") wrong.push(`${path}: ${kind} instead of a refusal`);
        continue;
      }
      const nothing = await ask(scope, path, missing());
      for (const place of targets) {
        const wanted = expected(about, actor, permission, place);
        if (wanted === null) continue;
        const answer = await ask(scope, path, at(place));
        const what = `${path} → ${place}: ${answer.kind}`;
        if (wanted === "open" && shut.has(answer.kind))
          wrong.push(`${what} instead of an answer ${answer.text.slice(0, 80)}`);
        // A stranger's record answers with the same words as none.
        if (wanted === "hidden" && (answer.kind === "ok" || answer.text !== nothing.text))
          wrong.push(`${what} instead of the answer to a missing record`);
        if (isFilter(path) && !within(actor, permission, place) && !isAbove(actor, place))
          if (answer.text !== nothing.text) wrong.push(`${what} tells that ${place} exists`);
        for (const place of foreign) if (answer.text.includes(markerOf(place))) leaks.push(`${path} tells of ${place}`);
      }
    }
    expect(wrong).toEqual([]);
    expect([...new Set(leaks)]).toEqual([]);
  });
});

/** Lists that are asked about one record: for a stranger's they say the same as for none. */
const isFilter = (path: string) =>
  ["member.list", "member.counts", "member.labels", "myMeeting.readNotices"].includes(path);

/** What is asked below a superior is one's own. */
const isAbove = (actor: Holder, place: Place) => places[actor.at].startsWith(`${places[place]}/`);

/** The own organisations, those above them, which everybody in them knows, and a member's branch. */
const mayBeNamed = (actor: Holder, place: Place) =>
  within(actor, "org.read", place) || isAbove(actor, place) || (actor.role === "member" && actor.at === place);

describe("an initial password", () => {
  it("must be changed before anything else", async () => {
    const scope = scopes.get(actors[5] as Holder) as Scope;
    const wrong: string[] = [];
    for (const path of paths) {
      const { kind } = await ask({ ...scope, mustChangePassword: true }, path, at("B111"));
      if (kind !== "FORBIDDEN") wrong.push(`${path}: ${kind}`);
    }
    expect(wrong).toEqual([]);
  });
});

it("looked often enough to mean something", () => {
  expect(asked).toBeGreaterThan(1_500);
  process.stdout.write(`${asked} calls on ${today}\n`);
});
