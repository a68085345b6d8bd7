/** Why personal data may be erased: the cases of 个人信息保护法 art. 47, in its order. */
export const erasureReasons = ["purpose_over", "retention_over", "consent_withdrawn", "unlawful", "other_law"] as const;
export type ErasureReason = (typeof erasureReasons)[number];

/** requested → carried_out | refused | withdrawn; nothing leads back. */
export const erasureStates = ["requested", "carried_out", "refused", "withdrawn"] as const;
export type ErasureState = (typeof erasureStates)[number];

/** The legal basis of a reason. */
export const basisOf = (reason: ErasureReason): string =>
  `个人信息保护法第四十七条第一款第${"一二三四五"[erasureReasons.indexOf(reason)]}项`;

type Request = { requestedBy: string; personId: string };

/** What keeps somebody from deciding on a request; null when nothing does. Two people see to every erasure, neither about himself. */
export function decisionProblem(request: Request, decider: { principalId: string; personId: string | null }) {
  if (request.requestedBy === decider.principalId) return "申请人不能自己执行，请由另一位有权限的同志核对后执行";
  if (request.personId === decider.personId) return "不能决定关于本人的申请，请由另一位有权限的同志办理";
  return null;
}
