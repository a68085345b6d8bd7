import { blindIndex, encrypt, maskIdNumber, maskPhone, type PersonalKeys } from "@xianfeng/db";
import * as calendar from "@xianfeng/trpc/calendar";
import { inventIdNumber, inventPhone, spell } from "./people.ts";
import type { Random } from "./random.ts";
import type { Row } from "./rows.ts";

/** Order in which tables are loaded: parents before children. */
export const tableOrder = [
  "tenant",
  "party_org",
  "party_org_path",
  "org_version",
  "org_succession",
  "party_group",
  "person",
  "person_private",
  "membership",
  "person_status",
  "post",
  "auth_user",
  "auth_account",
  "principal",
  "role",
  "role_permission",
  "role_assignment",
  "rule_parameter",
  "meeting",
  "meeting_body",
  "attendance",
  "attendance_note",
  "obligation",
  "todo",
  "indicator",
  "scheme_version",
  "scheme_item",
  "evaluation_period",
  "evaluation_branch",
  "evaluation_entry",
  "evaluation_run",
] as const;
export type Table = (typeof tableOrder)[number];

export type AttendanceState = "pending" | "on_time" | "late" | "leave" | "absent";
export type MeetingKind =
  | "member_meeting"
  | "branch_committee_meeting"
  | "group_meeting"
  | "party_lesson"
  | "theme_day";

type Dates = { from: string; to?: string | null; supersededAt?: string | null };

/** Collects the rows of one tenant in memory. Every method answers the new id; days are YYYY-MM-DD. */
export class Ledger {
  readonly rows = new Map<Table, Row[]>();
  readonly tenantId: number;
  readonly random: Random;
  readonly #keys: PersonalKeys;
  #nextOrg: number;
  #serial = 0;
  readonly #paths = new Map<number, { path: string; depth: number }>();

  constructor(options: { tenantId: number; firstOrgId: number; random: Random; keys: PersonalKeys }) {
    this.tenantId = options.tenantId;
    this.#nextOrg = options.firstOrgId;
    this.random = options.random;
    this.#keys = options.keys;
  }

  add(table: Table, row: Row): void {
    const rows = this.rows.get(table) ?? [];
    rows.push(table === "tenant" || table === "auth_account" ? row : { tenant_id: this.tenantId, ...row });
    this.rows.set(table, rows);
  }

  tenant(code: string): void {
    this.add("tenant", { id: this.tenantId, code, root_org_id: this.#nextOrg, tree_version: 1 });
  }

  org(org: {
    parentId: number | null;
    kind: string;
    code: string;
    shortName: string;
    fullName: string;
    category?: string;
    openedOn: string;
    dissolvedOn?: string | null;
    /** Superiors before today's, oldest first, with the day from which the next one holds. */
    formerParents?: { parentId: number; until: string }[];
  }): number {
    const id = this.#nextOrg++;
    const above = org.parentId === null ? { path: "/", depth: -1 } : this.#paths.get(org.parentId);
    if (!above) throw new Error(`superior ${org.parentId} is not in the ledger yet`);
    const place = { path: `${above.path}${id}/`, depth: above.depth + 1 };
    this.#paths.set(id, place);
    this.add("party_org", {
      id,
      parent_id: org.parentId,
      kind: org.kind,
      code: org.code,
      short_name: org.shortName,
      full_name: org.fullName,
      category: org.category ?? "mixed",
      opened_on: org.openedOn,
      dissolved_on: org.dissolvedOn ?? null,
    });
    this.add("party_org_path", { org_id: id, ...place });
    let from = org.openedOn;
    for (const former of [...(org.formerParents ?? []), { parentId: org.parentId, until: org.dissolvedOn ?? null }]) {
      const version = { id: this.random.uuid(), org_id: id, full_name: org.fullName, kind: org.kind };
      this.add("org_version", { ...version, parent_id: former.parentId, ...this.#axes({ from, to: former.until }) });
      from = former.until ?? from;
    }
    return id;
  }

  #axes({ from, to, supersededAt }: Dates): Row {
    return {
      valid_from: from,
      valid_to: to ?? null,
      recorded_at: `${from}T08:00:00+08:00`,
      superseded_at: supersededAt ?? null,
    };
  }

  person(person: {
    name: string;
    birthDay: string;
    sex: "male" | "female";
    ethnicity?: string;
    education?: string;
    joinedOn?: string | null;
    studentNo?: string | null;
  }): string {
    const id = this.random.uuid();
    const serial = ++this.#serial;
    const idNumber = inventIdNumber(person.birthDay, serial, person.sex);
    const phone = inventPhone(serial);
    this.add("person", {
      id,
      birth_year: Number(person.birthDay.slice(0, 4)),
      sex: person.sex,
      ethnicity: person.ethnicity ?? "汉族",
      education: person.education ?? null,
      joined_on: person.joinedOn ?? null,
      converted_on: person.joinedOn ? calendar.addMonths(person.joinedOn, 12) : null,
      merged_into_id: null,
    });
    this.add("person_private", {
      person_id: id,
      name: person.name,
      ...spell(person.name),
      student_no: person.studentNo ?? null,
      id_number_enc: encrypt(this.#keys, idNumber),
      id_number_hmac: blindIndex(this.#keys, idNumber),
      id_number_mask: maskIdNumber(idNumber),
      phone_enc: encrypt(this.#keys, phone),
      phone_mask: maskPhone(phone),
    });
    return id;
  }

  /** Records that `loser` was found to be the same person as `survivor`. */
  mergePerson(loser: string, survivor: string): void {
    const row = this.rows.get("person")?.find((person) => person.id === loser);
    if (row) row.merged_into_id = survivor;
  }

  membership(
    personId: string,
    orgId: number,
    dates: Dates & { kind?: string; groupId?: string | null; cause?: string },
  ): void {
    this.add("membership", {
      id: this.random.uuid(),
      person_id: personId,
      org_id: orgId,
      group_id: dates.groupId ?? null,
      kind: dates.kind ?? "direct",
      cause_kind: dates.cause ?? null,
      ...this.#axes(dates),
    });
  }

  status(personId: string, identity: string, dates: Dates): void {
    this.add("person_status", { id: this.random.uuid(), person_id: personId, identity, ...this.#axes(dates) });
  }

  post(personId: string, orgId: number, kind: string, from: string): void {
    this.add("post", { id: this.random.uuid(), person_id: personId, org_id: orgId, kind, ...this.#axes({ from }) });
  }

  meeting(meeting: {
    orgId: number;
    kind: MeetingKind;
    title: string;
    heldOn: string;
    startsAt?: Date;
    minutes?: number;
    state: "draft" | "published" | "closed";
    place?: string;
    groupId?: string | null;
    audience?: string;
    voided?: string | null;
    createdBy: string;
    hostId?: string | null;
    recorderId?: string | null;
  }): { id: string; startsAt: Date; endsAt: Date } {
    const id = this.random.uuid();
    const startsAt = meeting.startsAt ?? calendar.instantOf(meeting.heldOn, "15:00");
    const endsAt = calendar.addMinutes(startsAt, meeting.minutes ?? 90);
    const closedAt = meeting.state === "closed" ? calendar.addMinutes(endsAt, 20).toISOString() : null;
    this.add("meeting", {
      id,
      org_id: meeting.orgId,
      group_id: meeting.groupId ?? null,
      kind: meeting.kind,
      held_on: meeting.heldOn,
      starts_at: startsAt.toISOString(),
      ends_at: endsAt.toISOString(),
      check_in_opens_at: calendar.addMinutes(startsAt, -20).toISOString(),
      late_after: calendar.addMinutes(startsAt, 10).toISOString(),
      audience: meeting.audience ?? "all_members",
      state: meeting.state,
      published_at: meeting.state === "draft" ? null : calendar.addMinutes(startsAt, -4320).toISOString(),
      closed_at: closedAt,
      voided_at: meeting.voided ? calendar.addMinutes(endsAt, 60).toISOString() : null,
      created_by: meeting.createdBy,
    });
    this.add("meeting_body", {
      meeting_id: id,
      title: meeting.title,
      place: meeting.place ?? "",
      host_id: meeting.hostId ?? null,
      recorder_id: meeting.recorderId ?? null,
      void_reason: meeting.voided ?? null,
    });
    return { id, startsAt, endsAt };
  }

  attendance(
    meeting: { id: string; startsAt: Date },
    person: { id: string; orgId: number; identity: string },
    state: AttendanceState,
    more: { shouldAttend?: boolean; correctedFrom?: AttendanceState; by?: string } = {},
  ): void {
    const id = this.random.uuid();
    const minutes = state === "on_time" ? -this.random.int(1, 15) : this.random.int(11, 30);
    const came = state === "on_time" || state === "late";
    const correctedAt = more.correctedFrom ? calendar.addMinutes(meeting.startsAt, 3 * 1440).toISOString() : null;
    this.add("attendance", {
      id,
      meeting_id: meeting.id,
      person_id: person.id,
      org_id_then: person.orgId,
      identity_then: person.identity,
      should_attend: more.shouldAttend ?? true,
      may_vote: person.identity === "full_member",
      state,
      checked_in_at: came ? calendar.addMinutes(meeting.startsAt, minutes).toISOString() : null,
      source: more.correctedFrom ? "correction" : came ? "code" : null,
      corrected_at: correctedAt,
    });
    if (more.correctedFrom && more.by) {
      this.add("attendance_note", {
        id: this.random.uuid(),
        attendance_id: id,
        kind: "correction",
        state_before: more.correctedFrom,
        state_after: state,
        reason: "核对签到表后更正",
        principal_id: more.by,
      });
    }
  }
}
