import { parcelStatusWords, whyNotParcel } from '../../../server/returns/lifecycle.ts'
import { receivingVerbs } from '../../../server/returns/verbs-contract.ts'
import { Two } from '../intake/cells.tsx'
import { actionsOn } from '../ui/act/actions.ts'
import { PageLink } from '../ui/base/page-link.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { type Say, useSay } from '../words.ts'
import type { ParcelRow } from './types.ts'

const tones: Record<ParcelRow['status'], Tone> = { unclaimed: 'warn', stocked: 'move', claimed: 'ok' }

export const parcelCells = {
  no: (row: ParcelRow, compact: boolean) =>
    compact ? row.no : <Two first={row.no} second={row.warehouseName} />,
  waybill: (row: ParcelRow, compact: boolean) =>
    compact ? row.waybillNo : <Two first={row.waybillNo || '–'} second={row.note} />,
  goods: (row: ParcelRow, compact: boolean) => <Goods lines={row.lines} compact={compact} />,
  return: (row: ParcelRow) =>
    row.returnId ? (
      <PageLink to="/returns" search={{ tab: 'all', q: row.returnNo, open: row.returnId }}>
        {row.returnNo}
      </PageLink>
    ) : (
      <span className="t3">–</span>
    ),
}

function Goods({ lines, compact }: Pick<ParcelRow, 'lines'> & { compact: boolean }) {
  const gap = useSay()(['、', ', '])
  const codes = lines.map(({ code, good, defective }) => `${code} × ${good + defective}`).join(gap)
  const names = lines.map(({ name, spec }) => [name, spec].filter(Boolean).join(' · ')).join(gap)
  return <Two first={codes} second={compact ? '' : names} />
}

export const stockParcel = actionsOn<ParcelRow>()(receivingVerbs.stockParcel, {
  letter: 'S',
  confirm: [
    '{n} 件无主件的商品入库，以后认领时不再入库。',
    'The goods of {n} go into stock; claiming them later moves nothing.',
  ],
  tabs: ['unclaimed', 'all'],
  why: (row, say) => {
    const refusal = whyNotParcel(row.status, 'stock')
    return refusal ? say(refusal.message) : undefined
  },
})

/** Returns whether the parcel was assigned to a return, and how. */
export function standingOf(row: ParcelRow, say: Say): { first: React.ReactNode; second: string } {
  const words = say(parcelStatusWords[row.status])
  const second =
    row.status === 'claimed'
      ? row.claimedHow === 'waybill'
        ? say(['运单对上', 'By its waybill'])
        : (row.claimedBy ?? '')
      : say(['打开，看可能是谁的', 'Open it to find its owner'])
  return { first: <Status tone={tones[row.status]}>{words}</Status>, second }
}
