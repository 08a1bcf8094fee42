import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { postVerb } from '../../api.ts'
import { outcomeText } from '../../ui/act/batch-words.ts'
import { Button } from '../../ui/base/button.tsx'
import { useAllowed } from '../../ui/base/session.ts'
import { Soon } from '../../ui/base/soon.tsx'
import { Section } from '../../ui/overlay/drawer.tsx'
import { toast, toastError } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import { addGiftDialog } from '../dialogs/later-dialogs.ts'
import { giftMissText } from '../gift-words.ts'
import type { OrderDetail, OrderLine } from '../types.ts'
import '../choice.css'
import '../../ui/rules/rules.css'

type GiftPath = '/orders/gifts' | '/orders/gifts/add' | '/orders/gifts/remove'

type Story = {
  gifts: { rule: string; items: [code: string, quantity: number][] }[]
  passed: [rule: string, miss: string][]
}

/** Returns the detail of the last gift event. It is stored JSON, so any part may be missing. */
function storyOf(order: OrderDetail): Story {
  const event = order.events.findLast((one) => one.event === 'gifts')
  const { gifts, passed } = Object(event?.detail)
  return { gifts: Array.isArray(gifts) ? gifts : [], passed: Array.isArray(passed) ? passed : [] }
}

/** 赠品: the gifts of the rules, why other rules gave none, and buttons to change the gifts of an unconfirmed order. */
export function OrderGifts({ order }: { order: OrderDetail }) {
  const say = useSay()
  const queries = useQueryClient()
  const allowed = useAllowed()('orders.edit')
  const [adding, setAdding] = useState(false)
  const change = useMutation({
    mutationFn: ({ path, input }: { path: GiftPath; input: object }) =>
      postVerb(path, { ids: [order.id], ...input }),
    onSuccess: ({ results: [first] }) => {
      if (first?.done) toast('ok', say(['赠品已改', 'Gifts changed']))
      else toast('warn', outcomeText(first, say))
      return queries.invalidateQueries()
    },
    onError: toastError,
    onSettled: () => setAdding(false),
  })
  const { gifts, passed } = storyOf(order)
  const lines = order.lines.filter(({ gift }) => gift)
  const open = order.status === 'unconfirmed' && order.origin !== 'record'
  if (lines.length === 0 && passed.length === 0 && !open) return null
  const why = allowed ?? (open ? undefined : say(['已确认，反确认后可改', 'Confirmed: unconfirm it first']))
  return (
    <Section
      title={say(['赠品', 'Gifts'])}
      aside={
        <>
          <Button
            size="small"
            why={why}
            busy={change.isPending}
            onClick={() => change.mutate({ path: '/orders/gifts', input: {} })}
          >
            {say(['重算', 'Recompute'])}
          </Button>{' '}
          <Button size="small" why={why} onClick={() => setAdding(true)}>
            {say(['加赠品', 'Add'])}
          </Button>
        </>
      }
    >
      {lines.length === 0 && <p className="t3 small">{say(['没有赠品', 'None'])}</p>}
      <ul className="gift-lines">
        {lines.map((line) => (
          <li key={line.lineNo}>
            <GiftLine line={line} rule={ruleOf(line, gifts)} />
            {why === undefined && line.refundedQuantity < line.quantity && (
              <button
                type="button"
                className="link"
                onClick={() => change.mutate({ path: '/orders/gifts/remove', input: { code: line.skuCode } })}
              >
                {say(['去掉', 'Take off'])}
              </button>
            )}
          </li>
        ))}
      </ul>
      {passed.length > 0 && (
        <span className="reason-chips">
          {passed.map(([rule, miss], index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two rules may have one name
            <span key={index} className="reason-chip waits">
              {rule} {giftMissText(miss, say)}
            </span>
          ))}
        </span>
      )}
      {adding && (
        <Soon
          part={addGiftDialog}
          props={{
            count: 1,
            onSubmit: (input) => change.mutate({ path: '/orders/gifts/add', input: Object(input) }),
            onClose: () => setAdding(false),
          }}
        />
      )}
    </Section>
  )
}

const ruleOf = (line: OrderLine, gifts: Story['gifts']) =>
  gifts.find(({ items }) => Array.isArray(items) && items.some(([code]) => code === line.skuCode))?.rule ?? ''

function GiftLine({ line, rule }: { line: OrderLine; rule: string }) {
  const say = useSay()
  const left = line.quantity - line.refundedQuantity
  const what = `${line.skuCode} × ${left > 0 ? left : line.quantity}`
  const why =
    left > 0
      ? rule || say(['人工加的', 'added by hand'])
      : line.giftOffBy
        ? say(['{who} 去掉的', 'taken off by {who}'], { who: line.giftOffBy })
        : say(['不再满足，已减', 'not earned any more'])
  return (
    <span className="grow cut">
      {left > 0 ? <b>{what}</b> : <s className="t3">{what}</s>} <span className="t2 small">{why}</span>
    </span>
  )
}
