/** What the key beside the letters is called on this machine: ⌘ on a Mac, Ctrl everywhere else. */
const apple = /Macintosh|iPhone|iPad/.test(navigator.userAgent)

/** How a key with it is written: ⌘K, Ctrl K. */
export const withMod = (key: string): string => (apple ? `⌘${key}` : `Ctrl ${key}`)
