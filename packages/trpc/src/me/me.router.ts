import { procedure, router } from "../kernel/index.ts";
import { myProfile, whoLookedAtMe } from "./me.service.ts";

export const meRouter = router({
  profile: procedure("me.read").query(({ ctx }) => myProfile(ctx)),
  reveals: procedure("me.read").query(({ ctx }) => whoLookedAtMe(ctx)),
});
