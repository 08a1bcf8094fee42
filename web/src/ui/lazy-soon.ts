import { type ComponentType, lazy } from 'react'

/** When the page that names it has drawn its first rows, on any machine. */
const soonMs = 1500

/**
 * A part of the page that a person opens next: it is loaded before that, but after what is shown first. React keeps a part
 * that has to be waited for back for 0.3 s, however soon it comes.
 */
export function lazySoon<Props>(load: () => Promise<{ default: ComponentType<Props> }>) {
  // A failure is that of the opening, which tries again and says so.
  setTimeout(() => load().catch(() => undefined), soonMs)
  return lazy(load)
}
