"use client";

/** The last page: even the frame could not be drawn, so neither theme nor dictionary is at hand. */
export default function GlobalError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <html lang="zh-CN">
      <body>
        <main role="alert">
          <h1>系统出了点问题</h1>
          <p>请重试；仍不行请把编号 {error.digest ?? ""} 告诉管理员。</p>
          <button type="button" onClick={reset}>
            重试
          </button>
        </main>
      </body>
    </html>
  );
}
