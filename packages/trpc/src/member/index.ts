export { idNumberWords, parseIdNumber } from "./id-number.rules.ts";
export { maskId, maskMail, maskName, maskPhoneNumber } from "./mask.rules.ts";
export { labelMembers, type MemberLabel } from "./member.labels.ts";
export { loadPerson } from "./member.load.ts";
export { memberRouter } from "./member.router.ts";
export { changeOwnMail } from "./member.write.ts";
