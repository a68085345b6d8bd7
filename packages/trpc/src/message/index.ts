export { enqueue, type Notice } from "./message.enqueue.ts";
export { type MailPreference, mailPreference, setMailPreference } from "./message.preference.ts";
export { messageRouter } from "./message.router.ts";
