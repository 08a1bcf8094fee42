import { trackStateWords } from '../../../server/fulfilment/tracking/track-words-contract.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { nearTime } from '../ui/base/time.ts'
import { type Say, useSay } from '../words.ts'
import type { DeliveryRow } from './types.ts'

const tones: Record<NonNullable<DeliveryRow['trackState']>, Tone> = {
  unknown: 'ring',
  collected: 'move',
  in_transit: 'move',
  out_for_delivery: 'move',
  at_pickup: 'move',
  signed: 'ok',
  problem: 'bad',
  returning: 'warn',
  returned: 'warn',
}

type Parcel = Pick<DeliveryRow, 'trackState' | 'trackAt'>

/** Returns where the parcel is; empty: nothing is known of it. */
export const parcelWord = ({ trackState }: Pick<Parcel, 'trackState'>, say: Say): string =>
  trackState === null ? '' : say(trackStateWords[trackState])

/** Where a shipped parcel is, when it was scanned last, and the source of that. */
export function ParcelState({ row }: { row: Parcel & Pick<DeliveryRow, 'trackedBy'> }) {
  const say = useSay()
  if (row.trackState === null) return null
  const by = row.trackedBy === 'account' ? say(['快递100', '快递100']) : say(['平台', 'platform'])
  return (
    <Status tone={tones[row.trackState]}>
      {[parcelWord(row, say), row.trackAt && nearTime(row.trackAt)].filter(Boolean).join(' ')}{' '}
      <span className="t3">{say(['来自{by}', 'from {by}'], { by })}</span>
    </Status>
  )
}
