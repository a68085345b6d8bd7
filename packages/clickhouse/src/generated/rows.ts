// Generated from the catalog and packages/db/cdc by `pnpm cdc:generate`. Do not edit.
// Dates are YYYY-MM-DD, instants YYYY-MM-DD hh:mm:ss.mmm in UTC, decimals and 64-bit numbers text.

/** A live row of `tenant`: which tree version the scope levels of a mart belong to. */
export type TenantRow = {
  id: number;
  code: string;
  root_org_id: number | null;
  tree_version: string;
  created_at: string;
  updated_at: string;
};

/** A live row of `party_org`: today's tree: scope, drill-down, names of organisations. */
export type PartyOrgRow = {
  id: number;
  tenant_id: number;
  parent_id: number | null;
  kind: string;
  code: string;
  short_name: string;
  full_name: string;
  category: string;
  opened_on: string;
  dissolved_on: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `org_version`: the tree as it was on a day. */
export type OrgVersionRow = {
  id: string;
  tenant_id: number;
  org_id: number;
  parent_id: number | null;
  full_name: string;
  kind: string;
  valid_from: string;
  valid_to: string | null;
  recorded_at: string;
  superseded_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `org_succession`: where the members of a merged branch count. */
export type OrgSuccessionRow = {
  from_org_id: number;
  to_org_id: number;
  kind: string;
  on_date: string;
  tenant_id: number;
  created_at: string;
  updated_at: string;
};

/** A live row of `person`: birth year, sex and education for structure figures; no names. */
export type PersonRow = {
  id: string;
  tenant_id: number;
  birth_year: number | null;
  sex: string | null;
  ethnicity: string | null;
  education: string | null;
  joined_on: string | null;
  converted_on: string | null;
  merged_into_id: string | null;
  version: number;
  created_at: string;
  updated_at: string;
};

/** A live row of `membership`: branch of record on a day. */
export type MembershipRow = {
  id: string;
  tenant_id: number;
  person_id: string;
  org_id: number;
  group_id: string | null;
  kind: string;
  cause_kind: string | null;
  cause_id: string | null;
  valid_from: string;
  valid_to: string | null;
  recorded_at: string;
  superseded_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `person_status`: who is a full or probationary member on a day. */
export type PersonStatusRow = {
  id: string;
  tenant_id: number;
  person_id: string;
  identity: string;
  valid_from: string;
  valid_to: string | null;
  recorded_at: string;
  superseded_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `post`: who leads a branch, for duty figures. */
export type PostRow = {
  id: string;
  tenant_id: number;
  person_id: string;
  org_id: number;
  kind: string;
  valid_from: string;
  valid_to: string | null;
  recorded_at: string;
  superseded_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `meeting`: meetings held, by kind and month; titles stay in meeting_body. */
export type MeetingRow = {
  id: string;
  tenant_id: number;
  org_id: number;
  group_id: string | null;
  kind: string;
  held_on: string;
  starts_at: string;
  ends_at: string;
  check_in_opens_at: string;
  late_after: string;
  check_out_required: boolean;
  audience: string;
  state: string;
  published_at: string | null;
  closed_at: string | null;
  voided_at: string | null;
  version: number;
  created_by: string;
  created_at: string;
  updated_at: string;
};

/** A live row of `attendance`: attendance rate; reasons stay in attendance_note. */
export type AttendanceRow = {
  id: string;
  tenant_id: number;
  meeting_id: string;
  person_id: string;
  org_id_then: number;
  identity_then: string;
  should_attend: boolean;
  may_vote: boolean;
  state: string;
  checked_in_at: string | null;
  checked_out_at: string | null;
  source: string | null;
  corrected_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `rule_parameter`: the clause behind a figure. */
export type RuleParameterRow = {
  id: string;
  tenant_id: number;
  key: string;
  org_id: number | null;
  value: string;
  severity: string;
  document: string;
  article: string;
  valid_from: string;
  valid_to: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `obligation`: duties due, done in time, missed. */
export type ObligationRow = {
  id: string;
  tenant_id: number;
  duty_key: string;
  subject_kind: string;
  subject_id: string;
  org_id: number;
  period_key: string;
  due_on: string;
  state: string;
  fulfilled_by_kind: string | null;
  fulfilled_by_id: string | null;
  fulfilled_on: string | null;
  rule_parameter_id: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `indicator`: definitions of the indicators. */
export type IndicatorRow = {
  id: string;
  tenant_id: number;
  code: string;
  title: string;
  source: string;
  created_at: string;
  updated_at: string;
};

/** A live row of `scheme_version`: weights, tie rule and top share of a run. */
export type SchemeVersionRow = {
  id: string;
  tenant_id: number;
  code: string;
  formula_key: string;
  tie: string;
  top_share_bp: number;
  frozen_at: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `scheme_item`: weight of an indicator in a version. */
export type SchemeItemRow = {
  scheme_version_id: string;
  indicator_id: string;
  tenant_id: number;
  weight: number;
  direction: string;
  missing: string;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_period`: first and last day of a period. */
export type EvaluationPeriodRow = {
  id: string;
  tenant_id: number;
  org_id: number;
  year: number;
  ordinal: number;
  starts_on: string;
  ends_on: string;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_branch`: which branches are evaluated in a period. */
export type EvaluationBranchRow = {
  period_id: string;
  org_id: number;
  tenant_id: number;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_entry`: imported values. */
export type EvaluationEntryRow = {
  id: string;
  tenant_id: number;
  period_id: string;
  person_id: string;
  indicator_id: string;
  value_bp: number;
  group_org_id: number | null;
  import_row_id: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_run`: which computations are open, which sealed. */
export type EvaluationRunRow = {
  id: string;
  tenant_id: number;
  org_id: number;
  period_id: string;
  scheme_version_id: string;
  as_of_on: string;
  previous_run_id: string | null;
  state: string;
  version_no: number;
  close_lsn: string | null;
  digest: string | null;
  sealed_at: string | null;
  created_by: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_value`: sealed inputs, shown instead of computed ones. */
export type EvaluationValueRow = {
  run_id: string;
  subject_kind: string;
  subject_id: string;
  indicator_code: string;
  tenant_id: number;
  group_org_id: number;
  value_num: string | null;
  value_den: string | null;
  created_at: string;
  updated_at: string;
};

/** A live row of `evaluation_result`: sealed ranks, shown instead of computed ones. */
export type EvaluationResultRow = {
  run_id: string;
  population_kind: string;
  population_org_id: number;
  subject_kind: string;
  subject_id: string;
  indicator_code: string;
  tenant_id: number;
  group_org_id: number;
  score_num: string | null;
  score_den: string | null;
  rank: number | null;
  of_n: number;
  is_top: boolean;
  prev_rank: number | null;
  created_at: string;
  updated_at: string;
};

export type PublishedRows = {
  tenant: TenantRow;
  party_org: PartyOrgRow;
  org_version: OrgVersionRow;
  org_succession: OrgSuccessionRow;
  person: PersonRow;
  membership: MembershipRow;
  person_status: PersonStatusRow;
  post: PostRow;
  meeting: MeetingRow;
  attendance: AttendanceRow;
  rule_parameter: RuleParameterRow;
  obligation: ObligationRow;
  indicator: IndicatorRow;
  scheme_version: SchemeVersionRow;
  scheme_item: SchemeItemRow;
  evaluation_period: EvaluationPeriodRow;
  evaluation_branch: EvaluationBranchRow;
  evaluation_entry: EvaluationEntryRow;
  evaluation_run: EvaluationRunRow;
  evaluation_value: EvaluationValueRow;
  evaluation_result: EvaluationResultRow;
};
