import { systemActor } from '../../core/access/actor.ts'
import { unansweredTids } from '../../fulfilment/asking/ask-marks.ts'
import { type CheckRefunds, freshMs, type RefundCheckRequest } from '../../fulfilment/asking/asking.ts'
import { secondMs } from '../../lib/time.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { checkRefundsOfShop } from './ask.ts'

/** A user who ships waits at most this long for all shops together; then the rule for unanswered checks decides. */
const patienceMs = 4 * secondMs

/**
 * Checks the shops of deliveries that are about to be shipped, in parallel. If two requests need the same shop at once, the second waits
 * for the first and then checks only the trades that are still unknown.
 */
export function refundCheckOf(deps: CallDeps, waitMs = patienceMs): CheckRefunds {
  const asking = new Map<string, Promise<unknown>>()
  const askOne = async ({ shopId, tids }: RefundCheckRequest, signal: AbortSignal) => {
    const left = await unansweredTids(deps.db, shopId, tids, freshMs)
    if (left.length === 0 || signal.aborted) return
    await checkRefundsOfShop(deps, shopId, async () => left, { signal, tries: 2, actor: systemActor })
  }
  return async (needs) => {
    const signal = AbortSignal.timeout(waitMs)
    await Promise.all(
      needs.map((need) => {
        const before = asking.get(need.shopId) ?? Promise.resolve()
        const mine = before.catch(() => {}).then(() => askOne(need, signal))
        asking.set(need.shopId, mine)
        return mine.finally(() => {
          if (asking.get(need.shopId) === mine) asking.delete(need.shopId)
        })
      }),
    )
  }
}
