export { exchangeCode, ticketMinutes } from "./meeting.code.ts";
export { meetingRouter, myMeetingRouter } from "./meeting.router.ts";
