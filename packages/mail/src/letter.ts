/** The words of a mail, as they were written down with what caused it. */
export type LetterWords = { subject: string; body: string; href: string | null };
export type Letter = { subject: string; text: string; html: string };

const oneLine = (text: string) => text.replace(/\p{Cc}+/gu, " ").trim();

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");

/** A plain mail in two forms: what happened, one link, and how to have no more of them. No picture and no counting link. */
export function letterOf({ subject, body, href }: LetterWords, appUrl: string): Letter {
  const link = new URL(href ?? "/m/notices", appUrl).href;
  const settings = new URL("/m/me", appUrl).href;
  const said = oneLine(body);
  const foot = "这封邮件由先锋系统自动发出，请勿回复。不想再收到邮件通知，可在“我的”里关闭：";
  return {
    subject: oneLine(subject),
    text: `${said}\n\n登录查看：${link}\n\n${foot}${settings}\n`,
    html: [
      '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"></head>',
      "<body style=\"margin:0;padding:24px;background:#f5f5f5;color:#1f1f1f;font:16px/26px -apple-system,'PingFang SC','Microsoft YaHei',sans-serif\">",
      '<div style="max-width:520px;margin:0 auto;padding:24px;background:#fff;border-top:3px solid #be1a20">',
      `<h1 style="margin:0 0 12px;font-size:18px">${escapeHtml(oneLine(subject))}</h1>`,
      `<p style="margin:0 0 20px">${escapeHtml(said)}</p>`,
      `<p style="margin:0 0 24px"><a href="${escapeHtml(link)}" style="color:#1f5fa8">登录查看</a></p>`,
      `<p style="margin:0;font-size:13px;line-height:20px;color:#666">${foot}<a href="${escapeHtml(settings)}" style="color:#666">通知设置</a></p>`,
      "</div></body></html>",
    ].join(""),
  };
}
