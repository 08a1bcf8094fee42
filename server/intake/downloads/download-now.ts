import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { requestRun, taskOfShop } from '../../core/tasks/tasks.ts'
import { AppError } from '../../errors.ts'
import { dayMs } from '../../lib/time.ts'
import { intakeTaskKinds } from './tasks.ts'

type DownloadRequest = {
  shopId: string
  from?: string
  to?: string
  status?: string
  tids?: string[]
  refundNos?: string[]
}

/** The longest span that a user may request. Platforms keep three months. */
const longestMs = 90 * dayMs

/**
 * Starts a manual download as a run of the shop's task, so that it has a record with counts and a list of numbers that were not found.
 * Returns the run's id. Throws `invalid_input` if there are neither numbers nor a span.
 */
export async function requestDownload(
  tx: Tx,
  kind: 'trade_pull' | 'refund_pull',
  wish: DownloadRequest,
  { actor, scope }: By,
): Promise<string> {
  const numbers = wish.tids ?? wish.refundNos
  if (!numbers && !(wish.from && wish.to))
    throw new AppError('invalid_input', { detail: 'numbers, or from and to' }, 'from')
  const from = wish.from ? new Date(wish.from) : undefined
  const to = wish.to ? new Date(wish.to) : undefined
  if (from && to && to <= from) throw new AppError('invalid_input', { detail: 'to must be after from' }, 'to')
  if (from && to && to.getTime() - from.getTime() > longestMs)
    throw new AppError('invalid_input', { detail: 'at most 90 days' }, 'to')
  const taskId = await taskOfShop(tx, kind, wish.shopId, scope)
  const request = {
    params: { numbers: numbers ?? [], status: wish.status ?? '' },
    ...(from && to && !numbers ? { from, to } : {}),
  }
  return (await requestRun(tx, intakeTaskKinds, { taskId, ...request }, { actor, scope })).runId
}
