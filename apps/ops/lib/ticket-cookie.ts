/** Name of the cookie that carries a scanned code's ticket from the wall through the sign-in page to the confirmation. */
export const ticketCookie = "xianfeng.scan";
