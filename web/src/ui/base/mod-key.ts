/** Apple keyboards name the modifier ⌘, others Ctrl. */
const apple = /Macintosh|iPhone|iPad/.test(navigator.userAgent)

/** Returns a key with its modifier: ⌘K, Ctrl K. */
export const withMod = (key: string): string => (apple ? `⌘${key}` : `Ctrl ${key}`)
