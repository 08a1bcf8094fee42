import { lazy, Suspense } from 'react'
import { printDeskList } from '../../../../server/fulfilment/print-desk-contract.ts'
import { Two } from '../../intake/cells.tsx'
import { orderDrawer } from '../../orders/drawer/order-drawer.ts'
import type { FormProps, RowAction } from '../../ui/act/actions.ts'
import { Button } from '../../ui/base/button.tsx'
import { cappedCount, count } from '../../ui/base/figures.tsx'
import { Soon, soon } from '../../ui/base/soon.tsx'
import { listOf } from '../../ui/list/declared.tsx'
import { ListPage } from '../../ui/list/list-page.tsx'
import { useUrlState } from '../../ui/list/search-params.ts'
import { useSay } from '../../words.ts'
import { deliveryActions, deliveryCells, deliveryState, packagesText } from '../deliveries.tsx'
import { paperActions } from '../papers/paper-actions.tsx'
import { useCourierName } from '../query.ts'
import type { DeliveryRow } from '../types.ts'
import { withShown } from '../waybill-change/shown.ts'
import './desk.css'

// The list is drawn first: the batches above it, the pane beside it, the strips of jobs and the start of a print job are loaded after it.
const Batches = lazy(async () => ({ default: (await import('./batches.tsx')).Batches }))
const DeskAside = lazy(async () => ({ default: (await import('./desk-aside.tsx')).DeskAside }))
const JobStrips = lazy(async () => ({ default: (await import('./job-strips.tsx')).JobStrips }))
const startPrint = soon(async () => ({ default: (await import('./start-print.tsx')).StartPrint }))

const waiting = ['number', 'print', 'wave', 'check', 'weigh', 'ready']

const packages: RowAction<DeliveryRow> = { ...deliveryActions.packages, tabs: waiting }
const numbers: RowAction<DeliveryRow> = { ...deliveryActions.takeNumbers, tabs: ['number'] }
const numberFirst: NonNullable<RowAction<DeliveryRow>['first']> = (row) =>
  row.waybillNo === ''
    ? { action: numbers, words: ['还没有运单号：先取号', 'It has no number yet: take one first'] }
    : undefined
const print: RowAction<DeliveryRow> = {
  ...deliveryActions.print,
  tabs: waiting,
  first: numberFirst,
  input: (props: FormProps<'/print-jobs', DeliveryRow>) => <Soon part={startPrint} props={props} />,
}
const ship: RowAction<DeliveryRow> = {
  ...deliveryActions.ship,
  tabs: waiting,
  first: numberFirst,
}
const wave: RowAction<DeliveryRow> = { ...deliveryActions.wave, tabs: waiting }
// W makes a wave on this page.
const typed: RowAction<DeliveryRow> = { ...deliveryActions.waybill, letter: 'M', tabs: waiting }
const giveBack: RowAction<DeliveryRow> = { ...deliveryActions.giveBack, tabs: waiting }
const back: RowAction<DeliveryRow> = { ...deliveryActions.unrelease, tabs: waiting }

const cells = {
  ...deliveryCells,
  receiver: (row: DeliveryRow, compact: boolean) => {
    const [name = '', phone = ''] = row.receiverMasked.split(' ')
    return compact ? (
      <div className="cut">{name}</div>
    ) : (
      <Two first={`${name} ${phone.slice(-4)}`} second={row.region} />
    )
  },
  waybill: (row: DeliveryRow, compact: boolean) => <WaybillEnd row={row} compact={compact} />,
  printCount: ({ printCount }: DeliveryRow) => (
    <span className={`num ${printCount === 0 ? 't3' : printCount > 1 ? 'ink-warn' : ''}`}>
      {count(printCount)}
    </span>
  ),
}

const config = listOf<DeliveryRow>(printDeskList, {
  cells,
  // The first action of a tab is its main one.
  actions: [
    numbers,
    { ...print, tabs: ['print'] },
    { ...ship, tabs: ['ready'] },
    { ...print, tabs: ['number', 'wave', 'check', 'weigh', 'ready'] },
    { ...ship, tabs: ['number', 'print', 'wave', 'check', 'weigh'] },
    { ...paperActions.papers, tabs: [...waiting, 'shipped'] },
    { ...paperActions.labelAndPapers, tabs: ['print', 'wave', 'check', 'weigh', 'ready'] },
    packages,
    { ...paperActions.preview, tabs: ['print', 'wave', 'check', 'weigh', 'ready', 'shipped'] },
    wave,
    typed,
    giveBack,
    back,
    deliveryActions.again,
    deliveryActions.takeWaybill,
    deliveryActions.unship,
  ],
  whole: [
    {
      ...{ name: 'all-numbers', words: ['取号 {n} 单', 'Take {n} {n|number|numbers}'], action: numbers },
      ...{ tab: 'number', everywhere: true, direct: true, asks: { may: 'number' } },
      none: [
        '待取号的现在都取不了：被拦截、正在取号，或没有能取的电子面单账号',
        'None can get a number now: they are on hold, being taken, or no waybill account serves them',
      ],
    },
    {
      ...{ name: 'all-print', words: ['打印 {n} 单', 'Print {n}'], action: print },
      ...{ tab: 'print', everywhere: true, direct: true, asks: { may: 'print' } },
      none: [
        '待打印的现在都打不了：被拦截，或已在没打完的打印里',
        'None can be printed now: they are on hold, or in a print job already',
      ],
    },
    {
      ...{ name: 'all-ship', words: ['发货 {n} 单', 'Ship {n}'], action: ship },
      ...{ tab: 'ready', everywhere: true, asks: { may: 'ship' } },
      none: [
        '待发货的现在都发不了：被拦截、缺货，或包裹没扫齐',
        'None can ship now: they are on hold, short of stock, or have packages that were not scanned',
      ],
    },
  ],
  footKeys: ['G', 'P', 'W', 'S'],
  showsItself: (batch) => batch.action === numbers.batch && batch.refused === 0,
  nameOf: (row) => row.no,
  sumOf: (row) => ({ pieces: row.quantity }),
  isMoving: (row) => row.numberState === 'asked',
})

/** 打单发货: numbers, labels and shipping, batch by batch. */
export default function PrintDeskPage() {
  const say = useSay()
  const [search, set] = useUrlState()
  return (
    <ListPage
      config={config}
      outcomeTitle={['情况', 'State']}
      outcomeWidth={['minmax(142px,160fr)', 'minmax(130px,130fr)']}
      outcome={(row) => withShown(deliveryState(row, say), row, say)}
      note={(query) => (
        <>
          <Suspense>
            <Batches query={query} />
          </Suspense>
          <Suspense>
            <JobStrips />
          </Suspense>
        </>
      )}
      aside={(list) => (
        <Suspense fallback={<aside className="desk-aside" />}>
          <DeskAside {...list} />
        </Suspense>
      )}
      whenEmpty={(tab, counts) => {
        // The work comes from the nearest tab before it, or has gone on to the next one.
        const place = waiting.indexOf(tab)
        const others = place < 0 ? [] : [...waiting.slice(0, place).toReversed(), ...waiting.slice(place + 1)]
        const next = others.find((one) => (counts?.[one]?.count ?? 0) > 0)
        const here = config.tabs.find(({ key }) => key === tab)
        const there = config.tabs.find(({ key }) => key === next)
        const left = next === undefined ? undefined : counts?.[next]
        if (!here || !there || !left || search['q']) return undefined
        return {
          title: say(['没有{here}的。{there}还有 {n} 单', 'None: {here}. {there}: {n}'], {
            here: say(here.title),
            there: say(there.title),
            n: cappedCount(left),
          }),
          act: (
            <Button kind="primary" onClick={() => set({ tab: there.key })}>
              {say(['去{there}', 'Go to {there}'], { there: say(there.title) })}
            </Button>
          ),
        }
      }}
    >
      {({ rows, at, step, close }) => {
        const id = rows[at]?.orderId
        return id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
      }}
    </ListPage>
  )
}

/** The end of the number, in which labels differ, above the courier. */
function WaybillEnd({ row, compact }: { row: DeliveryRow; compact: boolean }) {
  const say = useSay()
  const name = useCourierName()
  const courier = row.courier || row.orderCourier
  const no =
    row.waybillNo === '' ? (
      <span className="t3">{row.numberState === 'asked' ? say(['取号中…', 'Taking a number…']) : '–'}</span>
    ) : (
      row.waybillNo
    )
  const second = [courier && name(courier), packagesText(row, say)].filter(Boolean).join(' · ')
  return compact ? <div className="cut num">{no}</div> : <Two first={no} second={second} />
}
