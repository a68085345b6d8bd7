import { can } from "@xianfeng/auth";
import { blindIndex, encrypt, Prisma } from "@xianfeng/db";
import { audit, type Context, calendar, DomainError, invalid, notFound } from "../kernel/index.ts";
import { findOrg, isBranch } from "../org/index.ts";
import { idNumberWords, parseIdNumber } from "./id-number.rules.ts";
import { maskId, maskMail, maskPhoneNumber } from "./mask.rules.ts";
import { claimVersion, loadPerson } from "./member.load.ts";
import type { CreateMember, EditMember } from "./member.schema.ts";
import { dateProblems, firstStatuses, mailProblem, parseMail, parsePhone, soundOf } from "./person.rules.ts";

/** Enters somebody into a branch (MEM-05). Birth and sex come from the ID number. @throws DomainError naming fields, or that the person is known */
export async function createMember(ctx: Context, input: CreateMember): Promise<{ id: string }> {
  const org = await findOrg(ctx.tx, input.orgId);
  if (!org || !can(ctx.scope, "member.create", org)) throw notFound();
  if (!isBranch(org.kind) || org.dissolvedOn)
    throw invalid("党员只能登记在未撤销的党支部", "Members belong to living branches", { orgId: "请选择党支部" });
  const number = parseIdNumber(input.idNumber, ctx.scope.today);
  if (!number.ok)
    throw invalid(idNumberWords[number.reason], "Wrong ID number", { idNumber: idNumberWords[number.reason] });
  const phone = readPhone(input.phone);
  const mail = readMail(input.mail);
  const problems = dateProblems({ ...input, birth: number.birth, today: ctx.scope.today });
  const [problem] = Object.values(problems);
  if (problem) throw invalid(problem, "The dates do not fit", problems);
  const { tenantId } = ctx.scope;
  const recordedAt = ctx.now;
  // Sent twice: the first one did it. The same answer only to whoever may read what it made.
  const known = await ctx.tx.person.findUnique({ where: { id: input.id } });
  if (known) return { id: (await loadPerson(ctx, "member.create", input.id)).id };
  const hmac = blindIndex(ctx.keys, number.id18);
  await refuseKnown(ctx, hmac, input.studentNo);
  await ctx.tx.person
    .create({
      data: {
        id: input.id,
        tenantId,
        birthYear: Number(number.birth.slice(0, 4)),
        sex: number.sex,
        ethnicity: input.ethnicity || null,
        education: input.education || null,
        joinedOn: input.joinedOn ? calendar.toColumn(input.joinedOn) : null,
        convertedOn: input.convertedOn ? calendar.toColumn(input.convertedOn) : null,
        private: {
          create: {
            tenantId,
            name: input.name,
            ...soundOf(input.name),
            studentNo: input.studentNo || null,
            idNumberEnc: encrypt(ctx.keys, number.id18),
            idNumberHmac: hmac,
            idNumberMask: maskId(number.id18),
            ...(phone ? { phoneEnc: encrypt(ctx.keys, phone), phoneMask: maskPhoneNumber(phone) } : {}),
            ...(mail ? mailColumns(ctx, mail) : {}),
          },
        },
        memberships: {
          create: { tenantId, orgId: org.id, validFrom: calendar.toColumn(input.from), recordedAt, causeKind: "entry" },
        },
        statuses: {
          create: firstStatuses({ ...input, on: input.from }).map((status) => ({
            tenantId,
            identity: status.identity,
            validFrom: calendar.toColumn(status.validFrom),
            validTo: status.validTo ? calendar.toColumn(status.validTo) : null,
            recordedAt,
          })),
        },
      },
    })
    .catch(alreadyKnown);
  await audit(ctx, { action: "member.create", subjectKind: "person", subjectId: input.id, orgId: org.id });
  return { id: input.id };
}

/** Changes plain facts. @throws DomainError `conflict` with what the record says now when somebody else was first */
export async function editMember(ctx: Context, input: EditMember): Promise<void> {
  const person = await loadPerson(ctx, "member.edit", input.id);
  await claimVersion(ctx, input.id, input.version);
  const phone = input.phone === null ? undefined : readPhone(input.phone);
  const mail = input.mail === null ? undefined : readMail(input.mail);
  const before = {
    name: person.private.name,
    ethnicity: person.ethnicity ?? "",
    education: person.education ?? "",
    studentNo: person.private.studentNo ?? "",
  };
  const fields: string[] = (Object.keys(before) as Array<keyof typeof before>).filter(
    (key) => before[key] !== input[key],
  );
  if (phone !== undefined) fields.push("phone");
  if (mail !== undefined) fields.push("mail");
  if (input.studentNo && input.studentNo !== before.studentNo) await refuseKnown(ctx, null, input.studentNo);
  await ctx.tx.person.update({
    where: { id: input.id },
    data: { ethnicity: input.ethnicity || null, education: input.education || null },
  });
  await ctx.tx.personPrivate
    .update({
      where: { personId: input.id },
      data: {
        name: input.name,
        ...soundOf(input.name),
        studentNo: input.studentNo || null,
        ...(phone === undefined
          ? {}
          : { phoneEnc: phone ? encrypt(ctx.keys, phone) : null, phoneMask: phone ? maskPhoneNumber(phone) : null }),
        ...(mail === undefined ? {} : mailColumns(ctx, mail)),
      },
    })
    .catch(alreadyKnown);
  await audit(ctx, { action: "member.edit", subjectKind: "person", subjectId: input.id, fields });
}

/** @returns null for no number */
function readPhone(text: string): string | null {
  if (text === "") return null;
  const phone = parsePhone(text);
  if (!phone)
    throw invalid("手机号应为11位，请核对；座机号不用填在这里", "Not a mobile number", {
      phone: "手机号应为11位，请核对",
    });
  return phone;
}

/** @returns null for no address @throws DomainError beside the field `mail` */
function readMail(text: string): string | null {
  if (text === "") return null;
  const mail = parseMail(text);
  if (!mail) throw invalid(mailProblem, "Not a mail address", { mail: mailProblem });
  return mail;
}

const mailColumns = (ctx: Context, mail: string | null) => ({
  mailEnc: mail ? encrypt(ctx.keys, mail) : null,
  mailMask: mail ? maskMail(mail) : null,
});

/** Changes the address of the caller himself; an empty text removes it. @returns what a screen may show of it */
export async function changeOwnMail(ctx: Context, text: string): Promise<{ mask: string | null }> {
  const { personId } = ctx.scope;
  if (!personId) throw notFound();
  const columns = mailColumns(ctx, readMail(text));
  const { count } = await ctx.tx.personPrivate.updateMany({ where: { personId }, data: columns });
  if (count === 0) throw notFound();
  // Whoever has the form about this person open learns of it.
  await ctx.tx.person.update({ where: { id: personId }, data: { version: { increment: 1 } } });
  await audit(ctx, { action: "member.own_mail", subjectKind: "person", subjectId: personId, fields: ["mail"] });
  return { mask: columns.mailMask };
}

async function refuseKnown(ctx: Context, hmac: Uint8Array<ArrayBuffer> | null, studentNo: string): Promise<void> {
  const byNumber = hmac
    ? await ctx.tx.personPrivate.findFirst({ where: { idNumberHmac: hmac }, select: { personId: true } })
    : null;
  const byStudentNo = studentNo
    ? await ctx.tx.personPrivate.findFirst({ where: { studentNo }, select: { personId: true } })
    : null;
  if (byNumber)
    throw new DomainError(
      "conflict",
      "这个身份证号已经登记过。如在别的支部，请办理转接，不要重复登记",
      "Already entered",
      {
        fields: { idNumber: "已经登记过" },
      },
    );
  if (byStudentNo)
    throw new DomainError("conflict", "这个学号或工号已经登记过，请核对", "The number is taken", {
      fields: { studentNo: "已经登记过" },
    });
}

/** Two forms at the same moment: the unique index decides, the words are the same. */
function alreadyKnown(error: unknown): never {
  if (error instanceof Prisma.PrismaClientKnownRequestError && error.code === "P2002")
    throw new DomainError("conflict", "身份证号、学号或工号已经登记过，请核对", "Already entered");
  throw error;
}
