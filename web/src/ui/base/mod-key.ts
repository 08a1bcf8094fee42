/** Apple keyboards have the modifier ⌘, others Ctrl. */
const apple = /Macintosh|iPhone|iPad/.test(navigator.userAgent)

export const withMod = (key: string): string => (apple ? `⌘${key}` : `Ctrl ${key}`)
