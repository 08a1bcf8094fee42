import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isOffPlatform } from '../../../../server/orders/order/lifecycle.ts'
import { waybillWarning } from '../../../../server/orders/split/waybill-limit-rules.ts'
import { errorText, post } from '../../api.ts'
import { NotSaved } from '../../ui/act/not-saved.tsx'
import { Button } from '../../ui/base/button.tsx'
import { Note } from '../../ui/base/empty.tsx'
import { connectorsQuery, useShop } from '../../ui/base/session.ts'
import { FormDialog } from '../../ui/overlay/form-dialog.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { useSay } from '../../words.ts'
import type { OrderDetail, SplitPlan } from '../types.ts'
import { firstFields, type How, HowFields, howOf } from './split-how.tsx'

/** For each child order, pieces by line number. */
type Parts = Record<number, string>[]

/** 拆单 by hand: the pieces of each line for each new order. A way to split can fill in the quantities first. */
export default function SplitByHand({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  // The version when the dialog opened. The order is reloaded in the background, and another user's change must not be overwritten unseen.
  const [version] = useState(order.version)
  const [fields, setFields] = useState(firstFields)
  const [parts, setParts] = useState<Parts>([{}])
  const [kept, setKept] = useState<Pick<SplitPlan, 'parts' | 'shipAfter'>>({ parts: [] })
  const asked = howOf(fields, say)
  const plan = useMutation({
    mutationFn: (how: How) => post('/orders/:id/split-plan', { how }, { id: order.id }),
    onSuccess: (plan) => {
      const { parts: planned } = plan
      if (planned.length === 0) return
      setKept(plan)
      setParts(
        planned.map(({ lines }) =>
          Object.fromEntries(lines.map(({ lineNo, quantity }) => [lineNo, String(quantity)])),
        ),
      )
    },
  })
  const wished = parts
    .map((part, at) => ({ ...placeOf(kept.parts[at]), lines: linesOf(part) }))
    .filter(({ lines }) => lines.length > 0)
  const save = useMutation({
    mutationFn: () =>
      post('/orders/split', {
        splits: [{ id: order.id, version, parts: wished, ...staysOf(kept) }],
      }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast(
        'ok',
        say(['已拆出 {no}', 'Split off {no}'], {
          no: (one.parts ?? []).map(({ no }) => no).join(say(['、', ', '])),
        }),
      )
      onClose()
      await queries.invalidateQueries()
    },
  })
  const stays = (lineNo: number, quantity: number) =>
    parts.reduce((left, part) => left - (Number(part[lineNo]) || 0), quantity)
  const wrong =
    wished.some(({ lines }) => lines.some(({ quantity }) => !Number.isInteger(quantity) || quantity < 1)) ||
    order.lines.some((line) => stays(line.lineNo, line.quantity) < 0)
  const warning = useWaybillWarning(order, wished)
  return (
    <FormDialog
      title={say(['拆单 {no}', 'Split {no}'], { no: order.no })}
      act={say(['拆单', 'Split'])}
      wide
      busy={save.isPending}
      why={
        wished.length === 0
          ? say(['写要拆出的件数', 'Write how many pieces leave'])
          : wrong
            ? say(['件数不对', 'The pieces do not add up'])
            : undefined
      }
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <HowFields fields={fields} onChange={setFields} />
      <div className="row">
        <Button
          size="small"
          why={'why' in asked ? asked.why : undefined}
          onClick={() => 'how' in asked && plan.mutate(asked.how)}
        >
          {say(['按这样填', 'Fill it in'])}
        </Button>
        <Button size="small" kind="quiet" onClick={() => setParts([...parts, {}])}>
          {say(['再加一单', 'One more order'])}
        </Button>
        {plan.data?.message && <span className="t2 small">{say(plan.data.message)}</span>}
      </div>
      <Lines order={order} parts={parts} stays={stays} onChange={setParts} />
      {warning && <Note tone="warn">{say(warning)}</Note>}
      <NotSaved save={save} />
      {plan.error && <Note tone="bad">{errorText(plan.error)}</Note>}
    </FormDialog>
  )
}

/** Returns a warning if the platform cannot show the waybills of all parcels after the split; null: it can. */
function useWaybillWarning(order: OrderDetail, parts: Parameters<typeof waybillWarning>[2]) {
  const shop = useShop(order.shopId)
  const connectors = useQuery(connectorsQuery).data?.rows
  const limit = connectors?.find(({ id }) => id === shop?.platform)?.waybillLimit ?? 'none'
  return isOffPlatform(order.origin) ? null : waybillWarning(limit, order.lines, parts)
}

const linesOf = (part: Record<number, string>) =>
  Object.entries(part)
    .map(([lineNo, pieces]) => ({ lineNo: Number(lineNo), quantity: Number(pieces || 0) }))
    .filter(({ quantity }) => quantity !== 0)

const staysOf = ({ shipAfter }: Pick<SplitPlan, 'shipAfter'>) =>
  shipAfter === undefined ? {} : { shipAfter }

const placeOf = (part: SplitPlan['parts'][number] | undefined) =>
  part === undefined
    ? {}
    : {
        ...(part.warehouseId ? { warehouseId: part.warehouseId } : {}),
        ...(part.shipAfter ? { shipAfter: part.shipAfter } : {}),
      }

function Lines(props: {
  order: OrderDetail
  parts: Parts
  stays: (lineNo: number, quantity: number) => number
  onChange: (parts: Parts) => void
}) {
  const say = useSay()
  const { order, parts, stays, onChange } = props
  const set = (at: number, lineNo: number, pieces: string) =>
    onChange(parts.map((part, each) => (each === at ? { ...part, [lineNo]: pieces } : part)))
  return (
    <table className="plain-table">
      <thead>
        <tr>
          <th>{say(['商品', 'Goods'])}</th>
          <th className="right">{say(['留下', 'Stays'])}</th>
          {parts.map((_, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
            <th key={at} className="right">
              {say(['新单 {n}', 'Order {n}'], { n: at + 1 })}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {order.lines.map((line) => (
          <tr key={line.lineNo}>
            <td className="cut" title={line.title}>
              {[line.title, line.spec].filter(Boolean).join(' · ')}
            </td>
            <td className="right num">{stays(line.lineNo, line.quantity)}</td>
            {parts.map((part, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name
              <td key={at} style={{ width: 84 }}>
                <input
                  className="input right"
                  inputMode="numeric"
                  aria-label={say(['第 {line} 行拆到新单 {n} 的件数', 'Pieces of line {line} in order {n}'], {
                    line: line.lineNo,
                    n: at + 1,
                  })}
                  value={part[line.lineNo] ?? ''}
                  onChange={(event) => set(at, line.lineNo, event.target.value)}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
