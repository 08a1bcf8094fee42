import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import {
  putBackStateWords,
  whyNotPutBack,
} from '../../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import { putBackVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import { errorText, post } from '../api.ts'
import { Cut, ShopLabel, Two } from '../intake/cells.tsx'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { actionsOn } from '../ui/act/actions.ts'
import { actorText } from '../ui/base/actor.ts'
import { KeyCap } from '../ui/base/button.tsx'
import { count, QuietTime } from '../ui/base/figures.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { shared } from '../ui/base/words.ts'
import type { Column } from '../ui/list/data-list.tsx'
import { type ListConfig, ListPage } from '../ui/list/list-page.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../words.ts'
import type { PutBackRow } from './types.ts'

const tones: Record<PutBackRow['state'], Tone> = { open: 'warn', done: 'ok', unpicked: 'void' }

const columns: readonly Column<PutBackRow>[] = [
  {
    key: 'sku',
    title: ['SKU / 商品', 'SKU / goods'],
    width: 'minmax(200px,260fr)',
    fixed: true,
    cell: (row, compact) => {
      const goods = [row.title, row.spec].filter(Boolean).join(' · ')
      return compact ? row.skuCode || goods : <Two first={row.skuCode || '–'} second={goods} />
    },
  },
  {
    key: 'quantity',
    title: ['件数', 'Pieces'],
    width: '72px',
    align: 'right',
    cell: (row) => <span className="num">{count(row.quantity)}</span>,
  },
  {
    key: 'no',
    title: ['发货单 / 店铺', 'Delivery / shop'],
    width: 'minmax(140px,160fr)',
    cell: (row, compact) =>
      compact ? row.deliveryNo : <Two first={row.deliveryNo} second={<ShopLabel id={row.shopId} />} />,
  },
  {
    key: 'order',
    title: ['销售订单 / 交易', 'Order / trade'],
    width: 'minmax(152px,170fr)',
    cell: (row, compact) => (compact ? row.orderNo : <Two first={row.orderNo} second={row.tid} />),
  },
  {
    key: 'waybill',
    title: ['运单', 'Waybill'],
    width: 'minmax(130px,150fr)',
    cell: (row) => <Cut>{row.waybillNo || '–'}</Cut>,
  },
  {
    key: 'createdAt',
    title: ['列入时间', 'Since'],
    width: '104px',
    align: 'right',
    sort: 'createdAt',
    cell: (row) => <QuietTime at={row.createdAt} />,
  },
]

const act = actionsOn<PutBackRow>()

const open = {
  tabs: ['open', 'all'],
  why(row: PutBackRow, say: Say) {
    const refusal = whyNotPutBack(row.state)
    return refusal && say(refusal.message)
  },
}

const config: ListConfig<PutBackRow> = {
  name: 'put-backs',
  path: '/put-backs',
  title: ['待放回', 'Put back'],
  tabs: [
    {
      key: 'open',
      title: ['待放回', 'To put back'],
      empty: {
        title: ['没有要放回的商品', 'Nothing to put back'],
        remedy: [
          '通知配货后退款、作废或取消配货的订单，它们的商品会出现在这里。',
          'Goods of orders that were refunded, voided or taken back after their release show up here.',
        ],
      },
    },
    { key: 'done', title: ['已了结', 'Ended'] },
    { key: 'all', title: ['全部', 'All'] },
  ],
  fields: [
    { key: 'shop', label: shared.shop, kind: 'shops' },
    {
      key: 'q',
      label: ['搜索', 'Search'],
      kind: 'text',
      hint: ['SKU 编码、发货单号、运单号、订单号、交易号', 'SKU code, delivery, waybill, order or trade no.'],
    },
    { key: 'numbers', label: ['一批单号', 'Numbers'], kind: 'numbers' },
    { key: 'ids', label: ['指定的行', 'Given rows'], kind: 'numbers' },
    { key: 'orderId', label: ['指定的订单', 'Given order'], kind: 'text', linked: true },
  ],
  columns,
  sort: 'createdAt',
  actions: [
    act(putBackVerbs.done, { primary: true, letter: 'D', ...open }),
    act(putBackVerbs.unpicked, { letter: 'N', ...open }),
  ],
  nameOf: (row) => row.deliveryNo,
}

/** 待放回: picked goods of cancelled deliveries. Scanning a delivery's number puts all its waiting goods back. */
export default function PutBacksPage() {
  const say = useSay()
  return (
    <ListPage
      config={config}
      head={<Scan />}
      outcomeTitle={['情况', 'State']}
      outcome={(row) => ({
        first: <Status tone={tones[row.state]}>{say(putBackStateWords[row.state])}</Status>,
        second: actorText(row.doneBy ?? '', say),
      })}
    >
      {({ rows, at, step, close }) => {
        const id = rows[at]?.orderId
        return id && <Soon part={orderDrawer} props={{ id, at, total: rows.length, step, onClose: close }} />
      }}
    </ListPage>
  )
}

function Scan() {
  const say = useSay()
  const queries = useQueryClient()
  const why = useAllowed()('aftersale.put_back')
  const input = useRef<HTMLInputElement>(null)
  const [number, setNumber] = useState('')
  const scan = useMutation({
    mutationFn: (text: string) => post('/put-backs/scan', { number: text }),
    onSuccess: ({ results }) => {
      toast('ok', say(['{n} 行已放回', '{n} put back'], { n: results.filter((one) => one.done).length }))
      return queries.invalidateQueries({ queryKey: ['/put-backs'] })
    },
    onError: (error) => toast('bad', errorText(error)),
    // The field is also cleared after a failure, so that the next parcel can be scanned at once.
    onSettled: () => setNumber(''),
  })
  useKeys([{ key: 's', words: ['扫单号', 'scan a number'], run: () => input.current?.focus() }])
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        if (number.trim() !== '') scan.mutate(number.trim())
      }}
    >
      <input
        ref={input}
        className="input scan-input"
        aria-label={say(['扫发货单、运单或订单号', 'Scan a delivery, waybill or order no.'])}
        placeholder={why ?? say(['扫发货单、运单或订单号', 'Scan a delivery, waybill or order no.'])}
        disabled={why !== undefined}
        value={number}
        maxLength={64}
        onChange={(event) => setNumber(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <KeyCap>S</KeyCap>
    </form>
  )
}
