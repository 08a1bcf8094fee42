// A clerk's open pages, asked from a process of its own: in that of the simulator, its work would count as theirs.
import { setTimeout as sleep } from 'node:timers/promises'
import { callerAt } from '../../server/testing/app.ts'

export type Answer = { page: string; ms: number }

/** Lists and counts that a clerk has open all day. */
const pages = [
  '/api/staged-trades?tab=staged&limit=50',
  '/api/staged-trades/counts',
  '/api/orders?limit=50',
  '/api/orders?tab=confirmed&limit=50',
  '/api/orders/counts',
  '/api/staged-refunds?limit=50',
  '/api/deliveries?limit=50',
  '/api/returns?limit=50',
]

/** Asks for every page each second, and sends the times to the process that started this one, until that one ends or kills it. */
async function looks(url: string, cookie: string): Promise<void> {
  const clerk = callerAt(url, '', cookie)
  while (process.connected) {
    const answers: Answer[] = []
    for (const page of pages) {
      const asked = performance.now()
      const { status } = await clerk.call('GET', page)
      if (status !== 200) console.log(`${page} answered ${status}`)
      answers.push({ page, ms: performance.now() - asked })
    }
    process.send?.(answers)
    await sleep(1000)
  }
}

if (import.meta.main) {
  const [url = '', cookie = ''] = process.argv.slice(2)
  await looks(url, cookie)
}
