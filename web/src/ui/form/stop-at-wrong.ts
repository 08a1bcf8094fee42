/**
 * Brings the focus to the first field of the page that is marked as wrong, and returns true if there is one. A page whose fields keep what
 * was typed until it can be read asks this before it saves, so that it saves nothing else than it shows.
 */
export function stopAtWrong(): boolean {
  const field = document.querySelector<HTMLElement>('main [aria-invalid="true"]')
  field?.focus()
  return field !== null
}
