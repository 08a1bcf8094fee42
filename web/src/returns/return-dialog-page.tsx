import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { statusWords } from '../../../server/orders/order/lifecycle.ts'
import {
  type ExchangeTime,
  exchangeTimes,
  exchangeTimeWords,
  type ReturnKind,
  returnKinds,
  returnKindWords,
} from '../../../server/returns/lifecycle.ts'
import { errorText, get, post } from '../api.ts'
import { NotSaved } from '../ui/act/not-saved.tsx'
import { Segments } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { Choice, TextField } from '../ui/form/form.tsx'
import { useUrlState } from '../ui/list/search-params.ts'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { useSay } from '../words.ts'
import { CourierChoice } from './courier-choice.tsx'
import {
  linesToReturn,
  piecesOf,
  type ReturnableOrder,
  type TypedPieces,
  withPieces,
} from './returnable-pieces.ts'
import '../inventory/inventory.css'

/** A trade has several orders if it was split, and shops may have the same trade number. The dialog offers this many. */
const mostOrders = 50

/** Finds the orders that have this number. The order's own number names that order alone. */
async function find(no: string) {
  const { rows } = await get('/orders', { tab: 'all', q: no, limit: mostOrders })
  const own = rows.filter((order) => order.no === no.toUpperCase())
  return own.length > 0 ? own : rows
}

/** Returns the order with the pieces that can still be returned. */
async function withLines({ id, no }: { id: string; no: string }): Promise<ReturnableOrder> {
  const { rows: lines } = await get('/orders/:id/returnable', { id })
  return { id, no, lines }
}

type How = {
  kind: ReturnKind
  exchangeWhen: ExchangeTime
  courier: string
  waybillNo: string
  reason: string
}

/** 新建退货单: creates a return for goods of a shipped order. */
export default function ReturnDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const queries = useQueryClient()
  const [search, setSearch] = useUrlState()
  const [no, setNo] = useState(search['order'] ?? '')
  const [how, setHow] = useState<How>({
    kind: 'return',
    exchangeWhen: 'received',
    courier: '',
    waybillNo: '',
    reason: '',
  })
  const [typed, setTyped] = useState<TypedPieces>({})
  const asked = no.trim()
  const found = useQuery({
    queryKey: ['/returns', 'returnable', asked],
    queryFn: () => find(asked),
    enabled: asked.length >= 6,
    retry: false,
  })
  const orders = found.data ?? []
  const [chosenId, setChosenId] = useState('')
  const chosen = orders.length === 1 ? orders[0] : orders.find(({ id }) => id === chosenId)
  const opened = useQuery({
    queryKey: ['/returns', 'returnable', 'lines', chosen?.id],
    queryFn: () => chosen && withLines(chosen),
    enabled: chosen !== undefined,
    retry: false,
  })
  const order = chosen && opened.data
  const error = found.error ?? opened.error
  const lines = (order && linesToReturn(order, typed)) ?? []
  const close = () => {
    setSearch({ order: '' })
    onClose()
  }
  const save = useMutation({
    mutationFn: () =>
      post('/returns', {
        returns: [{ ...how, orderId: order?.id ?? '', waybillNo: how.waybillNo.trim(), lines }],
      }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast('ok', say(['已建退货单 {no}', 'Made return {no}'], { no: one.ref ?? '' }))
      close()
      await queries.invalidateQueries()
    },
  })
  const why = !order
    ? orders.length > 1
      ? say(['先选哪一张订单', 'Choose the order first'])
      : say(['先填已发货订单的单号', 'Give the number of a shipped order first'])
    : lines.length === 0
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
        wrong={found.data?.length === 0 ? say(['没有这张订单', 'There is no such order']) : undefined}
        onChange={setNo}
        autoFocus
      />
      {error && <Note tone="bad">{errorText(error)}</Note>}
      {orders.length > 1 && <OrderChoice orders={orders} value={chosen?.id ?? ''} onChange={setChosenId} />}
      {order && <Lines order={order} typed={typed} onType={setTyped} />}
      <HowFields how={how} onChange={(next) => setHow({ ...how, ...next })} />
      <NotSaved save={save} />
    </FormDialog>
  )
}

/** The number belongs to several orders, and their pieces are on different lines: a person says which one comes back. */
function OrderChoice(props: {
  orders: Awaited<ReturnType<typeof find>>
  value: string
  onChange: (id: string) => void
}) {
  const say = useSay()
  return (
    <Choice
      label={say(['这个号有几张订单，退哪一张', 'Several orders have this number; which one'])}
      value={props.value}
      options={[
        { value: '', label: say(['请选', 'Choose']) },
        ...props.orders.map(({ id, no, status, quantity, receiverMasked }) => ({
          value: id,
          label: say(['{no} · {status} · {n} 件 · {who}', '{no} · {status} · {n} {n|pc|pcs} · {who}'], {
            no,
            status: say(statusWords[status]),
            n: quantity,
            who: receiverMasked,
          }),
        })),
      ]}
      onChange={props.onChange}
    />
  )
}

function Lines({
  order: { id, lines },
  typed,
  onType,
}: {
  order: ReturnableOrder
  typed: TypedPieces
  onType: (typed: TypedPieces) => void
}) {
  const say = useSay()
  if (lines.length === 0)
    return <Note tone="warn">{say(['没有发过货，没有可退的商品', 'Nothing of it was shipped by us'])}</Note>
  return (
    <table className="plain-table">
      <tbody>
        {lines.map((line) => (
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
                value={piecesOf(typed, id, line)}
                onChange={(event) => onType(withPieces(typed, id, line, event.target.value))}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Which kind of return it is, and how the goods come back. */
function HowFields({ how, onChange }: { how: How; onChange: (next: Partial<How>) => void }) {
  const say = useSay()
  return (
    <>
      <Segments
        label={say(['类型', 'Type'])}
        value={how.kind}
        options={returnKinds.map((value) => ({ value, label: say(returnKindWords[value]) }))}
        onChange={(kind) => onChange({ kind })}
      />
      {how.kind === 'exchange' && (
        <Segments
          label={say(['换发', 'Exchange'])}
          value={how.exchangeWhen}
          options={exchangeTimes.map((value) => ({ value, label: say(exchangeTimeWords[value]) }))}
          onChange={(exchangeWhen) => onChange({ exchangeWhen })}
        />
      )}
      <div className="form-row">
        <CourierChoice value={how.courier} onChange={(courier) => onChange({ courier })} />
        <TextField
          label={say(['退回运单号，可不填', 'Waybill back, optional'])}
          value={how.waybillNo}
          maxLength={40}
          onChange={(waybillNo) => onChange({ waybillNo })}
        />
      </div>
      <TextField
        label={say(['原因', 'Reason'])}
        value={how.reason}
        maxLength={200}
        onChange={(reason) => onChange({ reason })}
      />
    </>
  )
}
