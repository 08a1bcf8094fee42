import { AppError } from '../../errors.ts'
import { minuteMs } from '../../lib/time.ts'

/** Failures of one address within a minute, after which it gets no further answer until the minute is over. */
const mostFailures = 30
const mostAddresses = 10_000

/** Counts the failures of strangers on a public route, in this process. */
export function failureLimit() {
  const failures = new Map<string, { count: number; until: number }>()
  const of = (ip: string) => {
    const known = failures.get(ip)
    return known && known.until > performance.now() ? known : undefined
  }
  return {
    /** Throws too_many_at_once after too many failures of this address. */
    assertFew(ip: string): void {
      if ((of(ip)?.count ?? 0) >= mostFailures) throw new AppError('too_many_at_once')
    },
    count(ip: string): void {
      if (failures.size >= mostAddresses) failures.clear()
      failures.set(ip, {
        count: (of(ip)?.count ?? 0) + 1,
        until: of(ip)?.until ?? performance.now() + minuteMs,
      })
    },
  }
}
