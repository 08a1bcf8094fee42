import { systemActor } from '../../core/access/actor.ts'
import { unansweredTids } from '../../fulfilment/asking/ask-marks.ts'
import { type CheckRefunds, freshMs, type RefundCheckRequest } from '../../fulfilment/asking/asking.ts'
import { secondMs } from '../../lib/time.ts'
import type { CallDeps } from '../../shops/calls.ts'
import { checkRefundsOfShop } from './ask.ts'

/** Whoever ships waits so long for all shops together; then their silence decides. */
const patienceMs = 4 * secondMs

/**
 * Asks the shops of what is about to leave, at once. Two who ask the same shop at the same moment ask it once: the second waits for the
 * first, and asks for what is still unanswered.
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
