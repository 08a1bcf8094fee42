import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import {
  putBackStateWords,
  whyNotPutBack,
} from '../../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import { putBackList } from '../../../server/fulfilment/intercepts/lists-contract.ts'
import { putBackVerbs } from '../../../server/fulfilment/verbs-contract.ts'
import { post } from '../api.ts'
import { ShopLabel, Two } from '../intake/cells.tsx'
import { orderDrawer } from '../orders/drawer/order-drawer.ts'
import { useInTurn } from '../phone/use-in-turn.ts'
import { actionsOn } from '../ui/act/actions.ts'
import { actorText } from '../ui/base/actor.ts'
import { KeyCap } from '../ui/base/button.tsx'
import { useKeys } from '../ui/base/keys.ts'
import { useAllowed } from '../ui/base/session.ts'
import { Soon } from '../ui/base/soon.tsx'
import { Status, type Tone } from '../ui/base/status.tsx'
import { listOf } from '../ui/list/declared.tsx'
import { ListPage } from '../ui/list/list-page.tsx'
import { toast, toastError } from '../ui/overlay/toasts.tsx'
import { type Say, useSay } from '../words.ts'
import type { PutBackRow } from './types.ts'

const tones: Record<PutBackRow['state'], Tone> = { open: 'warn', done: 'ok', unpicked: 'void' }

const cells = {
  sku(row: PutBackRow, compact: boolean) {
    const goods = [row.title, row.spec].filter(Boolean).join(' · ')
    return compact ? row.skuCode || goods : <Two first={row.skuCode || '–'} second={goods} />
  },
  no: (row: PutBackRow, compact: boolean) =>
    compact ? row.deliveryNo : <Two first={row.deliveryNo} second={<ShopLabel id={row.shopId} />} />,
  order: (row: PutBackRow, compact: boolean) =>
    compact ? row.orderNo : <Two first={row.orderNo} second={row.tid} />,
}

const act = actionsOn<PutBackRow>()

const open = {
  tabs: ['open', 'all'],
  why(row: PutBackRow, say: Say) {
    const refusal = whyNotPutBack(row.state)
    return refusal && say(refusal.message)
  },
}

const config = listOf<PutBackRow>(putBackList, {
  cells,
  actions: [
    act(putBackVerbs.done, { primary: true, letter: 'D', ...open }),
    act(putBackVerbs.unpicked, { letter: 'N', ...open }),
  ],
  nameOf: (row) => row.deliveryNo,
})

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
  const inTurn = useInTurn()
  const scan = async (text: string) => {
    try {
      const { results } = await post('/put-backs/scan', { number: text })
      toast('ok', say(['{n} 行已放回', '{n} put back'], { n: results.filter((one) => one.done).length }))
      void queries.invalidateQueries({ queryKey: ['/put-backs'] })
    } catch (error) {
      toastError(error)
    }
  }
  useKeys([{ key: 's', words: ['扫单号', 'scan a number'], run: () => input.current?.focus() }])
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const text = number.trim()
        // At once, because the next number may come before the answer.
        setNumber('')
        if (text !== '') inTurn(() => scan(text))
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
