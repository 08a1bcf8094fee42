import { AppError } from '../../errors.ts'
import type { ExtraRefundFilter } from '../../finance/extra-refunds.ts'
import { extraRefundStatuses } from '../../finance/lifecycle.ts'
import type { HoldInput, LiftHoldInput } from '../holds/holds.ts'
import type { ShipAfterInput } from '../holds/ship-after.ts'
import type { ExtraRefundFilterIn } from '../order/contract.ts'
import { type HoldReason, holdReasons } from '../order/lifecycle.ts'
import type { MemoChange } from '../platform-changes/memo.ts'

// From the shapes of the API to those of the verbs.

type HoldFields = { reason: HoldInput['reason']; note?: string; until?: string | null }

export function holdOf({ reason, note, until }: HoldFields): HoldInput {
  return { reason, note: note ?? '', until: until ? new Date(until) : null }
}

export function liftHoldInputOf({ reason, holdIds }: { reason?: string; holdIds?: string[] }): LiftHoldInput {
  if (reason !== undefined && !isHoldReason(reason))
    throw new AppError('invalid_input', { detail: 'reason' }, 'reason')
  return { reason, holdIds }
}

/** One of the two, or both. */
export function memoOf({ memo, flag }: MemoChange): MemoChange {
  if (memo === undefined && flag === undefined)
    throw new AppError('invalid_input', { detail: 'flag' }, 'flag')
  return { memo, flag }
}

/** One of the two, and not both. */
export function shipAfterOf({
  at,
  byPlatform,
}: {
  at?: string | null
  byPlatform?: boolean
}): ShipAfterInput {
  if (byPlatform === true && at === undefined) return { byPlatform }
  if (at === undefined || byPlatform === true) throw new AppError('invalid_input', { detail: 'at' }, 'at')
  return { at: at === null ? null : new Date(at) }
}

function isHoldReason(text: string): text is HoldReason {
  return Object.hasOwn(holdReasons, text)
}

export function extraRefundFilterOf({ status, shop, orderId }: ExtraRefundFilterIn): ExtraRefundFilter {
  const statuses = status
    ?.split(',')
    .map((text) => extraRefundStatuses.find((known) => known === text) ?? wrongStatus())
  return { status: statuses, shop: shop?.split(','), orderId }
}

function wrongStatus(): never {
  throw new AppError('invalid_input', { detail: 'status' }, 'status')
}
