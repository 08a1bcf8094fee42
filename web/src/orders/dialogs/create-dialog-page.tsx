import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { yuan } from '../../../../server/lib/money-text.ts'
import { post } from '../../api.ts'
import type { Body } from '../../api-routes.ts'
import { GoodsText } from '../../catalog/goods-text.tsx'
import { NotSaved } from '../../ui/act/not-saved.tsx'
import { type Receiver, ReceiverFields } from '../../ui/address/receiver-fields.tsx'
import { actKey } from '../../ui/base/act-key.ts'
import { Button } from '../../ui/base/button.tsx'
import { useShops } from '../../ui/base/session.ts'
import { shared } from '../../ui/base/words.ts'
import { Check, Choice, TextField } from '../../ui/form/form.tsx'
import { Dialog } from '../../ui/overlay/overlay.tsx'
import { toast } from '../../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../../words.ts'
import { courierOptions } from './desk-dialogs.tsx'
import '../desk.css'

type NewOrder = Body<'POST', '/orders'>['orders'][number]
type Line = { code: string; quantity: number; priceFen: number }
const needed = ['name', 'mobile', 'province', 'city', 'address'] as const
/** True if a required field is empty. A landline number counts as the mobile number. */
const isMissing = (receiver: Receiver) => (key: (typeof needed)[number]) =>
  !receiver[key]?.trim() && !(key === 'mobile' && receiver.phone?.trim())
const start = { outerNo: '', nick: '', freight: '', memo: '', ownNote: '', courier: '', pay: 'paid' }

const payWords: readonly { value: string; label: LocalizedPair }[] = [
  { value: 'paid', label: ['已付款', 'Paid'] },
  { value: 'unpaid', label: ['未付款', 'Not paid'] },
  { value: 'cod', label: ['货到付款', 'Cash on delivery'] },
]

/** 手工建单: the receiver, and the goods as pasted lines. */
export default function CreateDialog({ onClose }: { onClose: () => void }) {
  const say = useSay()
  const { order, fields, why, sum, badLine, ...draft } = useNewOrder()
  const save = useCreate(onClose, order)
  const title = say(['手工建单', 'New order'])
  return (
    <Dialog
      wide
      title={title}
      label={title}
      onClose={onClose}
      foot={
        <>
          <span className="t2" style={{ marginRight: 'auto' }}>
            {say(['应付 ¥{sum}', 'Due ¥{sum}'], { sum: yuan(sum) })}
          </span>
          <Button onClick={onClose}>{say(shared.cancel)}</Button>
          <Button kind="primary" why={why} busy={save.isPending} onClick={() => save.mutate()}>
            {say(['建单', 'Create'])}
          </Button>
        </>
      }
    >
      <SourceFields {...fields} shopId={order.shopId} onShop={draft.setShop} />
      <ReceiverFields value={draft.receiver} needed={needed} onChange={draft.setReceiver} />
      <GoodsText
        label={say(['商品：每行写商家编码、数量、单价', 'Goods: code, quantity and price in each line'])}
        aside={say(['{n} 行', '{n} {n|line|lines}'], { n: order.lines.length })}
        rows={4}
        value={draft.text}
        restOf={({ priceFen }) => `1 ${((priceFen ?? 0) / 100).toFixed(2)}`}
        onChange={draft.setText}
        wrong={
          badLine === undefined
            ? undefined
            : say(['格式不对：{line}', 'Cannot read: {line}'], { line: badLine })
        }
      />
      <TermsFields {...fields} />
      <Check label={say(['加急', 'Urgent'])} checked={order.urgent} onChange={draft.setUrgent} />
      <NotSaved save={save} />
    </Dialog>
  )
}

/** The typed order. `why`: the reason why it cannot be created yet. */
function useNewOrder() {
  const say = useSay()
  const shops = useShops()
  const [shop, setShop] = useState('')
  const [receiver, setReceiver] = useState<Receiver>({})
  const [form, setForm] = useState(start)
  const [urgent, setUrgent] = useState(false)
  const [text, setText] = useState('')
  const set = (field: keyof typeof form) => (value: string) => setForm({ ...form, [field]: value })
  const { lines, badLine } = readLines(text)
  const { freight: typedFreight, pay, ...typed } = form
  const freight = fenOf(typedFreight)
  const why = needed.some(isMissing(receiver))
    ? say(['先填收件人、手机、省、市、详细地址', 'Give name, mobile, province, city and address first'])
    : lines.length === 0 || badLine !== undefined
      ? say(['每行写商家编码、数量、单价', 'Give a code, a quantity and a price in each line'])
      : freight === undefined
        ? say(['运费不是金额', 'The freight is no amount'])
        : undefined
  const order = {
    shopId: shop || (shops[0]?.id ?? ''),
    receiver: {
      ...{ name: '', province: '', city: '', address: '' },
      ...Object.fromEntries(Object.entries(receiver).filter(([, value]) => value.trim() !== '')),
    },
    lines,
    postFeeFen: freight ?? 0,
    paid: pay === 'paid',
    cod: pay === 'cod',
    urgent,
    ...typed,
  } satisfies Omit<NewOrder, 'key'>
  const sum = lines.reduce((total, line) => total + line.priceFen * line.quantity, freight ?? 0)
  return {
    ...{ order, why, sum, badLine, fields: { form, set } },
    ...{ receiver, setReceiver, text, setText, setShop, setUrgent },
  }
}

type Fields = { form: typeof start; set: (field: keyof typeof start) => (value: string) => void }

/** Where the order comes from. */
function SourceFields({ form, set, ...props }: Fields & { shopId: string; onShop: (id: string) => void }) {
  const say = useSay()
  return (
    <div className="desk-row">
      <Choice
        label={say(shared.shop)}
        value={props.shopId}
        options={useShops().map(({ id, name }) => ({ value: id, label: name }))}
        onChange={props.onShop}
      />
      <TextField
        label={say(['外部单号，可不填', 'Outer number, optional'])}
        value={form.outerNo}
        maxLength={60}
        hint={say(['同一家店不重复', 'Unique in its shop'])}
        onChange={set('outerNo')}
      />
      <TextField label={say(['买家昵称', 'Nick'])} value={form.nick} maxLength={60} onChange={set('nick')} />
    </div>
  )
}

/** Freight, payment and courier, and the notes. */
function TermsFields({ form, set }: Fields) {
  const say = useSay()
  return (
    <>
      <div className="desk-row">
        <TextField
          label={say(['运费', 'Freight'])}
          value={form.freight}
          inputMode="decimal"
          placeholder="0.00"
          onChange={set('freight')}
        />
        <Choice
          label={say(['付款', 'Payment'])}
          value={form.pay}
          options={payWords.map(({ value, label }) => ({ value, label: say(label) }))}
          onChange={set('pay')}
        />
        <Choice
          label={say(['快递', 'Courier'])}
          value={form.courier}
          options={courierOptions(say)}
          onChange={set('courier')}
        />
      </div>
      <div className="desk-row">
        <TextField label={say(['备注', 'Memo'])} value={form.memo} maxLength={500} onChange={set('memo')} />
        <TextField
          label={say(['内部备注', 'Own note'])}
          value={form.ownNote}
          maxLength={500}
          onChange={set('ownNote')}
        />
      </div>
    </>
  )
}

/** Uses one idempotency key while the dialog is open, so that repeated submits create one order. */
function useCreate(onClose: () => void, order: Omit<NewOrder, 'key'>) {
  const say = useSay()
  const queries = useQueryClient()
  const navigate = useNavigate()
  const [key] = useState(actKey)
  return useMutation({
    mutationFn: () => post('/orders', { orders: [{ key, ...order }] }),
    onSuccess: async ({ results: [one] }) => {
      if (!one?.done) return
      toast('ok', say(['已建单 {no}', 'Created {no}'], { no: one.no ?? '' }))
      onClose()
      await queries.invalidateQueries()
      await navigate({ to: '/orders', search: { tab: 'unconfirmed', open: one.id ?? '' } })
    },
  })
}

/** Reads lines such as "MUG-01 2 59.9": code, quantity and price, separated by spaces, commas or tabs. */
function readLines(text: string): { lines: Line[]; badLine: string | undefined } {
  const lines: Line[] = []
  let badLine: string | undefined
  for (const row of text.split('\n').map((each) => each.trim())) {
    if (row === '') continue
    const [code = '', pieces = '', price = '', ...more] = row.split(/[\s,，]+/)
    const [quantity, priceFen] = [Number(pieces), fenOf(price)]
    if (
      price === '' ||
      more.length > 0 ||
      !Number.isInteger(quantity) ||
      quantity < 1 ||
      priceFen === undefined
    )
      badLine ??= row
    else lines.push({ code, quantity, priceFen })
  }
  return { lines, badLine }
}

function fenOf(text: string): number | undefined {
  const fen = Math.round(Number(text.replace(/^[¥￥]/, '')) * 100)
  return Number.isFinite(fen) && fen >= 0 ? fen : undefined
}
