import type { RouterInputs } from "@/lib/outputs.ts";

export type Filter = Required<Pick<RouterInputs["member"]["list"], "identity">> &
  Pick<RouterInputs["member"]["list"], "orgId" | "sex" | "category" | "page">;

const identities = [
  "member",
  "full_member",
  "probationary_member",
  "development_target",
  "activist",
  "applicant",
] as const;
const sexes = ["male", "female"] as const;
const categories = ["staff", "graduate", "undergraduate", "retired", "mixed"] as const;
export const tabIdentities = identities;

type Params = { getAll(name: string): string[] };

/** Conditions from the address. What does not fit any more is dropped, and `dropped` says so: an address may be years old. */
export function readFilter(params: Params): { filter: Filter; dropped: boolean } {
  let dropped = false;
  const one = <Value>(name: string, read: (text: string) => Value | undefined): Value | undefined => {
    const given = params.getAll(name);
    if (given.length === 0) return undefined;
    const value = given.length === 1 ? read(given[0] ?? "") : undefined;
    if (value === undefined) dropped = true;
    return value;
  };
  const among =
    <Code extends string>(codes: readonly Code[]) =>
    (text: string) =>
      codes.find((code) => code === text);
  const whole = (text: string) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);
  const orgId = one("org", whole);
  const sex = one("sex", among(sexes));
  const category = one("category", among(categories));
  const page = one("page", (text) => {
    const number = whole(text);
    return number !== undefined && number <= 10_000 ? number : undefined;
  });
  const filter: Filter = {
    identity: one("identity", among(identities)) ?? "member",
    page: page ?? 1,
    ...(orgId === undefined ? {} : { orgId }),
    ...(sex === undefined ? {} : { sex }),
    ...(category === undefined ? {} : { category }),
  };
  return { filter, dropped };
}

/** The address of a list with these conditions; what is usual is left out. */
export function addressOf(filter: Filter): string {
  const params = new URLSearchParams();
  if (filter.identity !== "member") params.set("identity", filter.identity);
  if (filter.orgId !== undefined) params.set("org", String(filter.orgId));
  if (filter.sex) params.set("sex", filter.sex);
  if (filter.category) params.set("category", filter.category);
  if (filter.page && filter.page > 1) params.set("page", String(filter.page));
  const text = params.toString();
  return text ? `/members?${text}` : "/members";
}
