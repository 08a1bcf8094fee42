/**
 * JSON.parse that keeps whole numbers beyond 2^53 as text: a 19-digit trade number survives, where plain
 * parsing changes its last digits without a word. Needs the source-text argument of Node 24.
 */
export function parseJson(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
    const source = context?.source
    return source !== undefined && /^-?\d+$/.test(source) ? source : value
  })
}
