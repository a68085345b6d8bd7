/**
 * Libraries that make a style element while the page is in use (scroll locks of dialogs, measuring a scroll bar) do not ask for the
 * policy's nonce. They get it here, so that the policy can stay without 'unsafe-inline'. Markup that somebody smuggles in is not
 * made by scripts and still has none.
 */
export function giveStylesTheNonce(): void {
  const nonce = document.querySelector<HTMLElement>("script[nonce]")?.nonce;
  if (!nonce) return;
  const create = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
