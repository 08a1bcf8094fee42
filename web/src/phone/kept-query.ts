import { inTime, isAway } from './away.ts'
import { keep, keptValue } from './store.ts'

/** A query whose last answer stays on the phone, and is shown while the server cannot be reached. */
export function keptQuery<Value>(queryKey: readonly string[], read: () => Promise<Value>) {
  const name = queryKey.join(' ')
  return {
    queryKey,
    networkMode: 'always' as const,
    retry: false,
    queryFn: async (): Promise<Value> => {
      try {
        const value = await inTime(read())
        // A private window, or a full disk, keeps nothing; the answer is shown all the same.
        await keep(name, value).catch(() => undefined)
        return value
      } catch (error) {
        const before = isAway(error) ? await keptValue<Value>(name) : undefined
        if (before === undefined) throw error
        return before
      }
    },
  }
}
