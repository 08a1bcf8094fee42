import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import {
  type ExchangeTime,
  exchangeTimes,
  exchangeTimeWords,
  type ReturnKind,
  returnKinds,
  returnKindWords,
} from '../../../server/returns/lifecycle.ts'
import { errorText, get, post } from '../api.ts'
import { useCouriers } from '../fulfilment/query.ts'
import { outcomeText } from '../ui/act/batch-words.ts'
import { Segments } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Choice, TextField } from '../ui/form/form.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import type { Returnable } from './types.ts'
import '../inventory/inventory.css'

type Found = { id: string; no: string; lines: Returnable['rows'] } | null

/** Finds an order by any of its numbers, with the pieces that can still be returned; null: there is none. */
async function find(no: string): Promise<Found> {
  const { rows } = await get('/orders', { tab: 'all', q: no, limit: 2 })
  const [order] = rows
  if (!order) return null
  const { rows: lines } = await get('/orders/:id/returnable', { id: order.id })
  return { id: order.id, no: order.no, lines }
}

/** 新建退货单: creates a return for goods of a shipped order. */
export default function ReturnDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const couriers = useCouriers()
  const [search, setSearch] = useUrlState()
  const [no, setNo] = useState(search['order'] ?? '')
  const [kind, setKind] = useState<ReturnKind>('return')
  const [form, setForm] = useState({ courier: '', waybillNo: '', reason: '' })
  const [exchangeWhen, setExchangeWhen] = useState<ExchangeTime>('received')
  const [typed, setTyped] = useState<Record<number, string>>({})
  const asked = no.trim()
  const found = useQuery({
    queryKey: ['/returns', 'returnable', asked],
    queryFn: () => find(asked),
    enabled: asked.length >= 6,
    retry: false,
  })
  const order = found.data
  const piecesOf = ({ lineNo, left }: Returnable['rows'][number]) => typed[lineNo] ?? String(left)
  const lines = (order?.lines ?? []).flatMap((line) => {
    const quantity = Number(piecesOf(line))
    return quantity === 0 ? [] : [{ lineNo: line.lineNo, quantity }]
  })
  const wrong = (order?.lines ?? []).some((line) => {
    const quantity = Number(piecesOf(line))
    return !Number.isInteger(quantity) || quantity < 0 || quantity > line.left
  })
  const close = () => {
    setSearch({ order: '' })
    onClose()
  }
  const save = useMutation({
    mutationFn: () =>
      post('/returns', {
        returns: [
          { orderId: order?.id ?? '', kind, exchangeWhen, ...form, waybillNo: form.waybillNo.trim(), lines },
        ],
      }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast('ok', say(['已建退货单 {no}', 'Made return {no}'], { no: one.ref ?? '' }))
      close()
      await queries.invalidateQueries()
    },
  })
  const refused = save.data?.results.find((one) => !one.done)
  const why = !order
    ? say(['先填已发货订单的单号', 'Give the number of a shipped order first'])
    : lines.length === 0 || wrong
      ? say(['选要退的商品和件数', 'Choose goods and pieces'])
      : undefined
  return (
    <FormDialog
      title={say(['新建退货单', 'New return'])}
      act={say(['建单', 'Make'])}
      busy={save.isPending}
      why={why}
      wide
      onSubmit={() => save.mutate()}
      onClose={close}
    >
      <TextField
        label={say(['订单号或交易号', 'Order or trade no.'])}
        value={no}
        maxLength={60}
        wrong={found.data === null ? say(['没有这张订单', 'There is no such order']) : undefined}
        onChange={setNo}
        autoFocus
      />
      {found.error && <Note tone="bad">{errorText(found.error)}</Note>}
      {order && order.lines.length === 0 && (
        <Note tone="warn">{say(['没有发过货，没有可退的商品', 'Nothing of it was shipped by us'])}</Note>
      )}
      {order && order.lines.length > 0 && (
        <table className="plain-table">
          <tbody>
            {order.lines.map((line) => (
              <tr key={line.lineNo}>
                <td className="cut" title={line.title}>
                  {[line.title, line.spec].filter(Boolean).join(' · ')}
                </td>
                <td className="right t3">
                  {say(['发 {shipped}，可退 {left}', '{shipped} shipped, {left} left'], {
                    shipped: line.shipped,
                    left: line.left,
                  })}
                </td>
                <td style={{ width: 90 }}>
                  <input
                    className="input"
                    inputMode="numeric"
                    aria-label={say(['第 {n} 行的件数', 'Pieces of line {n}'], { n: line.lineNo })}
                    value={piecesOf(line)}
                    onChange={(event) => setTyped({ ...typed, [line.lineNo]: event.target.value })}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Segments
        label={say(['类型', 'Type'])}
        value={kind}
        options={returnKinds.map((value) => ({ value, label: say(returnKindWords[value]) }))}
        onChange={setKind}
      />
      {kind === 'exchange' && (
        <Segments
          label={say(['换发', 'Exchange'])}
          value={exchangeWhen}
          options={exchangeTimes.map((value) => ({ value, label: say(exchangeTimeWords[value]) }))}
          onChange={setExchangeWhen}
        />
      )}
      <div className="form-row">
        <Choice
          label={say(['快递', 'Courier'])}
          value={form.courier}
          onChange={(courier) => setForm({ ...form, courier })}
          options={[
            { value: '', label: say(['未知', 'Unknown']) },
            ...couriers.map((each) => ({ value: each.code, label: say(each) })),
          ]}
        />
        <TextField
          label={say(['退回运单号，可不填', 'Waybill back, optional'])}
          value={form.waybillNo}
          maxLength={40}
          onChange={(waybillNo) => setForm({ ...form, waybillNo })}
        />
      </div>
      <TextField
        label={say(['原因', 'Reason'])}
        value={form.reason}
        maxLength={200}
        onChange={(reason) => setForm({ ...form, reason })}
      />
      {refused && <Note tone="bad">{outcomeText(refused, say)}</Note>}
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </FormDialog>
  )
}
