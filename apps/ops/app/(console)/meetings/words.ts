import { area } from "@xianfeng/ui/messages";
import { en } from "./words.en.ts";
import { zh } from "./words.zh.ts";

/** Words of the meeting pages in the console. */
export const meetingPageWords = area(zh, en);
