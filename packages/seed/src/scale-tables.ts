import { blindIndex, encrypt, maskIdNumber, maskPhone, type PersonalKeys } from "@xianfeng/db";
import * as calendar from "@xianfeng/trpc/calendar";
import { type Duty, months, periodKeyOf } from "./duties.ts";
import { inventIdNumber, inventPhone, spell } from "./people.ts";
import type { Random } from "./random.ts";
import { TimedIds } from "./scale-ids.ts";
import { dueOf, heldDuties, type ScaleBranch, type ScaleMember, type ScaleTenant, window } from "./scale-tenant.ts";

/** Lines of one table in PostgreSQL's text form, in an order that does not change. */
export type ScaleTable = { name: string; columns: string; lines: () => Generator<string> };

const instant = (at: number) => new Date(at).toISOString();
const startOf = (day: string) => `${day}T00:00:00.000Z`;
const hex = (bytes: Uint8Array) => `\\\\x${Buffer.from(bytes).toString("hex")}`;

/** The large tables of a tenant, parents before children. Nothing of them is held in memory but the meetings. */
export function tablesOf(tenant: ScaleTenant, keys: PersonalKeys): ScaleTable[] {
  const { tenantId, members } = tenant;
  const meetings = holdMeetings(tenant);
  const ids = (table: string) => new TimedIds(tenant.random(table).int(0, 0x7fffffff));
  return [
    {
      name: "person",
      columns: "id, tenant_id, birth_year, sex, ethnicity, education, joined_on, converted_on, created_at, updated_at",
      *lines() {
        for (const one of members) {
          const at = startOf(one.since);
          yield `${one.id}\t${tenantId}\t${one.birthYear}\t${one.sex}\t${one.ethnicity}\t${one.education}\t${one.joinedOn}\t${one.convertedOn < window.to ? one.convertedOn : "\\N"}\t${at}\t${at}\n`;
        }
      },
    },
    {
      name: "person_private",
      columns:
        "person_id, tenant_id, name, pinyin, initials, id_number_mask, phone_mask, created_at, updated_at, id_number_hmac, id_number_enc, phone_enc",
      *lines() {
        for (const one of members) yield privateLine(one, tenantId, keys);
      },
    },
    {
      name: "membership",
      columns:
        "id, tenant_id, person_id, org_id, kind, cause_kind, valid_from, valid_to, recorded_at, created_at, updated_at",
      *lines() {
        const next = ids("membership");
        for (const { id, branch, since, moved } of members) {
          const row = (org: number, cause: string, from: string, to: string | null) =>
            `${next.at(Date.parse(from))}\t${tenantId}\t${id}\t${org}\tdirect\t${cause}\t${from}\t${to ?? "\\N"}\t${startOf(from)}\t${startOf(from)}\t${startOf(to ?? from)}\n`;
          yield row(branch, "entry", since, moved?.on ?? null);
          if (moved) yield row(moved.to, "transfer", moved.on, null);
        }
      },
    },
    {
      name: "person_status",
      columns: "id, tenant_id, person_id, identity, valid_from, valid_to, recorded_at, created_at, updated_at",
      *lines() {
        const next = ids("person_status");
        for (const one of members) {
          for (const { identity, from, to } of identitiesOf(one))
            yield `${next.at(Date.parse(from))}\t${tenantId}\t${one.id}\t${identity}\t${from}\t${to ?? "\\N"}\t${startOf(from)}\t${startOf(from)}\t${startOf(to ?? from)}\n`;
        }
      },
    },
    {
      name: "meeting",
      columns:
        "id, tenant_id, org_id, kind, held_on, starts_at, ends_at, check_in_opens_at, late_after, state, published_at, closed_at, created_by, created_at, updated_at",
      *lines() {
        for (const { id, branch, duty, heldOn, startsAt } of meetings) {
          const closed = instant(startsAt + 110 * 60_000);
          yield `${id}\t${tenantId}\t${branch.id}\t${duty.key}\t${heldOn}\t${instant(startsAt)}\t${instant(startsAt + 90 * 60_000)}\t${instant(startsAt - 20 * 60_000)}\t${instant(startsAt + 10 * 60_000)}\tclosed\t${instant(startsAt - noticeMs)}\t${closed}\t${tenant.account.principalId}\t${instant(startsAt - noticeMs)}\t${closed}\n`;
        }
      },
    },
    {
      name: "meeting_body",
      columns: "meeting_id, tenant_id, title, place, created_at, updated_at",
      *lines() {
        for (const { id, duty, heldOn, startsAt } of meetings) {
          const title = `${heldOn.slice(0, 4)}年${Number(heldOn.slice(5, 7))}月${duty.key === "theme_day" ? "主题党日" : "支部党员大会"}`;
          yield `${id}\t${tenantId}\t${title}\t第一会议室\t${instant(startsAt - noticeMs)}\t${instant(startsAt)}\n`;
        }
      },
    },
    {
      name: "attendance",
      columns: attendanceColumns,
      lines: () => attend(tenantId, meetings, tenant.random("attend")),
    },
    {
      name: "obligation",
      columns:
        "id, tenant_id, duty_key, subject_kind, subject_id, org_id, period_key, due_on, state, fulfilled_by_kind, fulfilled_by_id, fulfilled_on, rule_parameter_id, created_at, updated_at",
      lines: () => owe(tenant, meetings, ids("obligation")),
    },
  ];
}

const later = (...days: string[]) => days.sort().at(-1) ?? "";
const noticeMs = 3 * 86_400_000;

function privateLine(one: ScaleMember, tenantId: number, keys: PersonalKeys): string {
  const month = String((one.serial % 9) + 1).padStart(2, "0");
  const idNumber = inventIdNumber(`${one.birthYear}-${month}-1${one.serial % 10}`, one.serial, one.sex);
  const phone = inventPhone(one.serial);
  const { pinyin, initials } = spellOnce(one.name);
  const at = startOf(one.since);
  const open = `${one.id}\t${tenantId}\t${one.name}\t${pinyin}\t${initials}\t${maskIdNumber(idNumber)}\t${maskPhone(phone)}`;
  return `${open}\t${at}\t${at}\t${hex(blindIndex(keys, idNumber))}\t${hex(encrypt(keys, idNumber))}\t${hex(encrypt(keys, phone))}\n`;
}

const spelled = new Map<string, { pinyin: string; initials: string }>();

/** The same as spelling the whole name, as far as no character is read differently beside another one; many times faster. */
function spellOnce(name: string): { pinyin: string; initials: string } {
  const parts = [...name].map((character, index) => {
    const key = `${index === 0 ? "surname" : "given"} ${character}`;
    const known = spelled.get(key) ?? spell(character);
    spelled.set(key, known);
    return known;
  });
  return { pinyin: parts.map((part) => part.pinyin).join(""), initials: parts.map((part) => part.initials).join("") };
}

/** Identity by days. Old members are in the books as full members; who joined lately was an activist and then probationary. */
function identitiesOf(one: ScaleMember): { identity: string; from: string; to: string | null }[] {
  if (one.convertedOn <= window.from)
    return [{ identity: "full_member", from: later(one.since, one.convertedOn), to: null }];
  const probation = { identity: "probationary_member", from: one.joinedOn };
  const before = { identity: "activist", from: calendar.addMonths(one.joinedOn, -18), to: one.joinedOn };
  if (one.convertedOn >= window.to) return [before, { ...probation, to: null }];
  return [before, { ...probation, to: one.convertedOn }, { identity: "full_member", from: one.convertedOn, to: null }];
}

type Held = { id: string; branch: ScaleBranch; duty: Duty; heldOn: string; startsAt: number; periodKey: string };

/** Theme days each month and member meetings each quarter; about one in fourteen is left out. In the order of days. */
function holdMeetings(tenant: ScaleTenant): Held[] {
  const random = tenant.random("meeting");
  const ids = new TimedIds(tenant.random("meeting ids").int(0, 0x7fffffff));
  const held: Held[] = [];
  for (const month of months(window.from, calendar.addDays(window.to, -1))) {
    for (const duty of heldDuties) {
      if (duty.every === "quarter" && Number(month.slice(5, 7)) % 3 !== 2) continue;
      for (const branch of tenant.branches) {
        if (random.chance(duty.key === "theme_day" ? 0.08 : 0.05)) continue;
        // Half of all theme days fall on the day that the branches have in common.
        const common = duty.key === "theme_day" && random.chance(0.5);
        const heldOn = calendar.addDays(month, common ? 9 : random.int(0, 26));
        const startsAt = calendar.instantOf(heldOn, "15:00").getTime() + (common ? 0 : random.int(-12, 8) * 1_800_000);
        const id = ids.at(startsAt - noticeMs);
        held.push({ id, branch, duty, heldOn, startsAt, periodKey: periodKeyOf(duty, heldOn) });
      }
    }
  }
  return held;
}

const attendanceColumns =
  "id, tenant_id, meeting_id, person_id, org_id_then, identity_then, should_attend, may_vote, state, checked_in_at, source, created_at, updated_at";

function* attend(tenantId: number, meetings: readonly Held[], random: Random): Generator<string> {
  const ids = new TimedIds(random.int(0, 0x7fffffff));
  for (const { id, branch, heldOn, startsAt } of meetings) {
    const created = instant(startsAt - noticeMs);
    const closed = instant(startsAt + 110 * 60_000);
    for (const one of branch.members) {
      if (heldOn < one.since) continue;
      if (one.moved && (one.branch === branch.id ? heldOn >= one.moved.on : heldOn < one.moved.on)) continue;
      const full = heldOn >= one.convertedOn;
      const chance = random.next();
      const state = chance < one.present ? (chance < 0.05 ? "late" : "on_time") : chance < 0.96 ? "leave" : "absent";
      const came = state === "on_time" || state === "late";
      const minutes = random.next();
      const at = came
        ? instant(Math.floor(startsAt + (state === "late" ? 10 + minutes * 20 : minutes * 19 - 19) * 60_000))
        : "\\N";
      yield `${ids.at(startsAt - noticeMs)}\t${tenantId}\t${id}\t${one.id}\t${branch.id}\t${full ? "full_member" : "probationary_member"}\tt\t${full ? "t" : "f"}\t${state}\t${at}\t${came ? "code" : "\\N"}\t${created}\t${came ? at : closed}\n`;
    }
  }
}

function* owe(tenant: ScaleTenant, meetings: readonly Held[], ids: TimedIds): Generator<string> {
  const first = new Map<string, Held>();
  for (const one of meetings) {
    const key = `${one.duty.key} ${one.branch.id} ${one.periodKey}`;
    if (!first.has(key)) first.set(key, one);
  }
  for (const duty of heldDuties) {
    const parameter = tenant.dutyParameters.get(duty.key) ?? "\\N";
    for (const month of months(window.from, calendar.addDays(window.to, -1))) {
      if (duty.every === "quarter" && Number(month.slice(5, 7)) % 3 !== 1) continue;
      const period = periodKeyOf(duty, month);
      for (const { id } of tenant.branches) {
        const done = first.get(`${duty.key} ${id} ${period}`);
        const by = done ? `fulfilled\tmeeting\t${done.id}\t${done.heldOn}` : "open\t\\N\t\\N\t\\N";
        yield `${ids.at(Date.parse(month))}\t${tenant.tenantId}\t${duty.key}\torg\t${id}\t${id}\t${period}\t${dueOf(duty, month)}\t${by}\t${parameter}\t${startOf(month)}\t${startOf(done?.heldOn ?? month)}\n`;
      }
    }
  }
}
