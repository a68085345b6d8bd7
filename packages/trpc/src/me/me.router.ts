import { procedure, router } from "../kernel/index.ts";
import { changeOwnMail } from "../member/index.ts";
import { setMailPreference } from "../message/index.ts";
import { ownMail } from "./me.mail.ts";
import { mailPreferenceInput, ownMailInput } from "./me.schema.ts";
import { myProfile, whoLookedAtMe } from "./me.service.ts";

export const meRouter = router({
  profile: procedure("me.read").query(({ ctx }) => myProfile(ctx)),
  reveals: procedure("me.read").query(({ ctx }) => whoLookedAtMe(ctx)),
  mail: procedure("me.read").query(({ ctx }) => ownMail(ctx)),
  changeMail: procedure("me.edit")
    .input(ownMailInput)
    .mutation(({ ctx, input }) => changeOwnMail(ctx, input.mail)),
  mailPreference: procedure("me.edit")
    .input(mailPreferenceInput)
    .mutation(({ ctx, input }) => setMailPreference(ctx, input)),
});
