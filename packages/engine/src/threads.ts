const wanted = 128;

/**
 * Every query holds one thread of libuv's pool while it runs, and the pool's size is read once, before the first line of
 * a program: so the process replaces itself by the same program with a larger pool. Its id stays the same.
 */
export function withEnoughThreads(): void {
  if (Number(process.env.UV_THREADPOOL_SIZE ?? "0") >= wanted) return;
  const env = { ...process.env, UV_THREADPOOL_SIZE: String(wanted) };
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], env);
}
