import { AppError } from '../../errors.ts'
import { type HoldReason, holdReasons } from '../order/lifecycle.ts'
import type { HoldInput, LiftHoldInput } from './holds.ts'
import type { ShipAfterInput } from './ship-after.ts'

type HoldFields = { reason: HoldInput['reason']; note?: string; until?: string | null }
export function holdOf({ reason, note, until }: HoldFields): HoldInput {
  return { reason, note: note ?? '', until: until ? new Date(until) : null }
}
export function liftHoldInputOf({ reason, holdIds }: { reason?: string; holdIds?: string[] }): LiftHoldInput {
  if (reason !== undefined && !isHoldReason(reason))
    throw new AppError('invalid_input', { detail: 'reason' }, 'reason')
  return { reason, holdIds }
}
/** Reads the planned ship date of a request, which has either `at` or `byPlatform`. Both or neither: throws `invalid_input`. */
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
