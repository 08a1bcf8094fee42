import { lazy, Suspense } from 'react'
import {
  type DeliveryEvent,
  whyNotDelivery,
  workStateWords,
  writeBackWords,
} from '../../../server/fulfilment/lifecycle.ts'
import { deliveryVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import { basketCode } from '../../../server/fulfilment/waves/lifecycle.ts'
import { GoodsOf, ReceiverCell, ShopLabel, Two } from '../intake/cells.tsx'
import { holdText } from '../orders/hold-text.ts'
import { ableMost, actionsOn, type RowAction } from '../ui/act/actions.ts'
import { Countdown } from '../ui/base/figures.tsx'
import { platformErrorText } from '../ui/base/platform-error.ts'
import { Status, type Tone } from '../ui/base/status.tsx'
import { ReasonDialog } from '../ui/overlay/confirm.tsx'
import { Tip } from '../ui/overlay/tip.tsx'
import { type Say, useSay } from '../words.ts'
import { noNumberWords } from './number-words.ts'
import { parcelWord } from './parcel-state.tsx'
import { useCourierName } from './query.ts'
import type { DeliveryRow } from './types.ts'
import { writeBackNote } from './write-back-words.ts'

export const writeBackTones: Record<DeliveryRow['writeBack'], Tone> = {
  '': 'ring',
  waiting: 'move',
  done: 'ok',
  failed: 'bad',
  forced: 'idle',
  manual: 'idle',
  none: 'idle',
  stopped: 'bad',
}

export const deliveryCells = {
  no: (row: DeliveryRow, compact: boolean) =>
    compact ? row.no : <Two first={row.no} second={<ShopLabel id={row.shopId} />} />,
  order: (row: DeliveryRow, compact: boolean) =>
    compact ? row.orderNo : <Two first={row.orderNo} second={row.tid} />,
  receiver: (row: DeliveryRow, compact: boolean) => <ReceiverCell row={row} compact={compact} />,
  goods: (row: DeliveryRow, compact: boolean) => <GoodsOf row={row} compact={compact} />,
  waybill: (row: DeliveryRow, compact: boolean) => <Waybill row={row} compact={compact} />,
  shipBy: (row: DeliveryRow, compact: boolean) => {
    // The platform knows of a parcel whose waybill is being changed (改运单), so no deadline runs.
    const isUntold = row.shownWaybill === '' && (row.writeBack === 'waiting' || row.writeBack === 'failed')
    const isDue = row.status === 'pending' || isUntold
    const left = isDue ? <Countdown to={row.shipBy} /> : <span className="t3">–</span>
    return compact || row.status !== 'pending' || row.waveNo === '' ? (
      left
    ) : (
      <Two first={left} second={<WaveOf row={row} />} />
    )
  },
}

/** The wave in which a delivery waits, with its basket: "W-0012 · LJ-03". */
function WaveOf({ row: { waveNo, basket } }: { row: DeliveryRow }) {
  const say = useSay()
  const place = [waveNo, basket === null ? '' : basketCode(basket)].filter(Boolean).join(' · ')
  return <span title={say(['波次 {place}', 'Wave {place}'], { place })}>{place}</span>
}

function Waybill({ row, compact }: { row: DeliveryRow; compact: boolean }) {
  const say = useSay()
  const name = useCourierName()
  if (row.waybillNo === '') {
    const missing = <span className="t3">{say(noNumberWords(row))}</span>
    return compact || row.orderCourier === '' ? (
      missing
    ) : (
      <Two
        first={missing}
        second={[name(row.orderCourier), packagesText(row, say)].filter(Boolean).join(' · ')}
      />
    )
  }
  return compact ? (
    <div className="cut num">{row.waybillNo}</div>
  ) : (
    <Two
      first={row.waybillNo}
      second={[name(row.courier), packagesText(row, say), parcelWord(row, say)].filter(Boolean).join(' · ')}
    />
  )
}

/** "3 个包裹"; empty: one. */
export const packagesText = ({ packageCount: n }: Pick<DeliveryRow, 'packageCount'>, say: Say): string =>
  n === 1 ? '' : say(['{n} 个包裹', '{n} {n|package|packages}'], { n })

/** Returns the delivery's status; for a stopped one with the reason and the remedy. */
export function deliveryState(row: DeliveryRow, say: Say): { first: React.ReactNode; second?: string } {
  if (row.status === 'cancelled')
    return { first: <Status tone="void">{say(['已取消', 'Cancelled'])}</Status> }
  if (row.status === 'pending') {
    const reason = row.holdReasons[0]
    if (reason) {
      const stop = say(['已拦截：{reason}', 'Stopped: {reason}'], { reason: holdText(reason, say) })
      return {
        first: (
          <Tip text={stop}>
            <Status tone="bad">
              <span className="whole">{stop}</span>
            </Status>
          </Tip>
        ),
      }
    }
    if (row.numberState === 'failed')
      return {
        first: <Status tone="bad">{say(noNumberWords(row))}</Status>,
        second: platformErrorText(row.numberError, say),
      }
    if (row.numberState === 'asked') return { first: <Status tone="move">{say(noNumberWords(row))}</Status> }
    if (row.numberRefusal)
      return {
        first: <Status tone="warn">{say(noNumberWords(row))}</Status>,
        second: say(row.numberRefusal),
      }
    return row.waybillNo === ''
      ? { first: <Status tone="ring">{say(noNumberWords(row))}</Status> }
      : {
          first: (
            <Status tone={row.workState === 'ready' ? 'move' : 'ring'}>
              {say(workStateWords[row.workState])}
            </Status>
          ),
        }
  }
  const unclear = row.actionState === 'unknown'
  const retried = row.writeBack === 'failed' && row.actionState !== 'failed'
  const tone = unclear ? 'warn' : retried ? 'move' : writeBackTones[row.writeBack]
  const words = unclear
    ? say(['回写结果不明', 'Write-back unclear'])
    : say(writeBackWords[retried ? 'waiting' : row.writeBack])
  return { first: <Status tone={tone}>{words}</Status>, second: writeBackNote(row, say) }
}

const why = (event: DeliveryEvent) => (row: DeliveryRow, say: Say) => {
  const refusal = whyNotDelivery(row, event)
  return refusal && say(refusal.message)
}

const act = actionsOn<DeliveryRow>()

const WaybillDialog = lazy(() => import('./waybill-dialog-page.tsx'))

const waybill = act(deliveryVerbs.waybills, {
  namesRows: true,
  letter: 'W',
  tabs: ['pending', 'all'],
  why: why('waybill'),
  input: (props) => (
    <Suspense>
      <WaybillDialog {...props} />
    </Suspense>
  ),
})

const PrintDialog = lazy(() => import('./print-dialog-page.tsx'))
const PackagesDialog = lazy(() => import('./packages-dialog-page.tsx'))
const GiveBackDialog = lazy(() => import('./give-back-dialog-page.tsx'))

const print: RowAction<DeliveryRow> = {
  path: '/print-jobs',
  words: ['打印面单', 'Print labels'],
  letter: 'P',
  permission: 'fulfilment.ship',
  done: ['{n} 张面单已送打印', '{n} labels were sent to the printer'],
  tabs: ['pending', 'all'],
  why: why('print'),
  // The dialog makes the job itself, and stays while it prints.
  input: ({ rows, onClose }) => (
    <Suspense>
      <PrintDialog rows={rows} onClose={onClose} />
    </Suspense>
  ),
}

export const deliveryActions = {
  ship: act(deliveryVerbs.ship, {
    letter: 'S',
    primary: true,
    tabs: ['pending', 'all'],
    why: why('ship'),
    able: { list: '/deliveries', filter: { may: 'ship' }, most: ableMost },
    first: (row) =>
      row.status === 'pending' && row.waybillNo === ''
        ? {
            action: waybill,
            words: ['还没有运单号：填好再发货', 'It has no waybill yet: enter it, then ship'],
          }
        : undefined,
  }),
  wave: act(deliveryVerbs.wave, {
    letter: 'W',
    made: { words: ['看波次', 'See the waves'], to: () => '/waves' },
    why: (row, say) => why('wave')(row, say) ?? (row.pickedAt === null ? undefined : say(['已拣', 'Picked'])),
  }),
  takeNumbers: act(deliveryVerbs.takeNumbers, {
    letter: 'G',
    tabs: ['pending', 'all'],
    why: why('number'),
    able: { list: '/deliveries', filter: { may: 'number' }, most: ableMost },
  }),
  packages: act(deliveryVerbs.packages, {
    letter: 'N',
    whyFirst: true,
    tabs: ['pending', 'all'],
    why: (row, say) =>
      why('packages')(row, say) ??
      (row.numberState === 'taken' || row.numberState === 'asked'
        ? say(['先退号，再改包裹数', 'Give its number back first'])
        : undefined),
    input: (props) => (
      <Suspense>
        <PackagesDialog {...props} />
      </Suspense>
    ),
  }),
  giveBack: act(deliveryVerbs.giveBackNumbers, {
    letter: 'Y',
    tabs: ['pending', 'all'],
    why: (row, say) =>
      why('giveBack')(row, say) ??
      (row.numberState === 'taken' || row.numberState === 'asked'
        ? undefined
        : say(['没有从账号取的单号，不用退', 'It has no number that was taken from an account'])),
    input: (props) => (
      <Suspense>
        <GiveBackDialog {...props} />
      </Suspense>
    ),
  }),
  print,
  waybill,
  unrelease: act(deliveryVerbs.unrelease, {
    letter: 'B',
    confirm: [
      '{n} 单退回已确认，发货单取消，商品列入待放回。',
      'Take back {n}: confirmed again, their deliveries cancelled, their goods listed to be put back.',
    ],
    tabs: ['pending', 'all'],
    why: why('unrelease'),
  }),
  again: act(deliveryVerbs.writeBackAgain, {
    letter: 'T',
    primary: true,
    tabs: ['shipped', 'failed', 'all'],
    why: (row, say) =>
      row.actionState === 'failed' || row.actionState === 'unknown' || row.actionState === 'manual'
        ? undefined
        : say(['回写没有失败', 'Its write-back did not fail']),
    input: ({ count, onSubmit, onClose }) => (
      <ReasonDialog
        title={['重新回写 {n} 单', 'Write back {n} again']}
        act={['重新回写 {n} 单', 'Write back {n}']}
        count={count}
        onSubmit={(reason) => onSubmit({ reason })}
        onClose={onClose}
      />
    ),
  }),
  takeWaybill: act(deliveryVerbs.adoptWaybill, {
    confirm: [
      '{n} 单改用平台上显示的运单，算已回写。包裹确实用这个运单寄出才这样做。',
      'The waybill that the platform shows is taken for {n}, which count as told. Only if the parcel did leave with it.',
    ],
    tabs: ['failed', 'all'],
    seen: true,
    why: (row, say) =>
      row.errorCode === 'other_waybill' && row.platformWaybill !== ''
        ? undefined
        : say(['平台没有显示别的运单', 'The platform shows no other waybill']),
  }),
  unship: act(deliveryVerbs.unship, {
    letter: 'U',
    danger: true,
    confirm: [
      '撤销 {n} 单的发货：货回架上，仍占给订单。已回写的不会撤销。',
      'Undo the shipping of {n}: goods go back on the shelf, still promised. What the platform knows of stays.',
    ],
    tabs: ['shipped', 'failed', 'all'],
    why: why('unship'),
  }),
} satisfies Record<string, RowAction<DeliveryRow>>
