/** Called when the server says the session is over; resolves once the reader has signed in again, rejects when he gives up. */
type Renewal = () => Promise<void>;

let renewal: Renewal | null = null;
let running: Promise<void> | null = null;

/** The sign-in dialog registers itself here while it is mounted. */
export function onSessionEnd(renew: Renewal | null): void {
  renewal = renew;
}

/**
 * fetch that survives the end of the session in the middle of a form: the page stays as it is, a dialog asks for the password,
 * and the same request goes out again. One dialog, however many requests met the end.
 */
export const sessionFetch: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (response.status !== 401 || !renewal) return response;
  running ??= renewal().finally(() => {
    running = null;
  });
  try {
    await running;
  } catch {
    return response;
  }
  return fetch(input, init);
};
