import { systemActor } from '../../core/access/actor.ts'
import { unansweredTids } from '../../fulfilment/asking/ask-marks.ts'
import { type CheckRefunds, freshMs, type RefundCheckRequest } from '../../fulfilment/asking/asking.ts'
import { secondMs } from '../../lib/time.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { checkRefundsOfShop } from './ask.ts'

/** The longest time that a user who ships waits, for all shops together. After it the rule for unanswered checks decides. */
const patienceMs = 4 * secondMs

/**
 * Returns the refund check for deliveries that are about to be shipped. Shops are checked in parallel. If two requests check the same shop
 * at once, the second waits for the first and then checks only trades that are still unanswered.
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
