import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import {
  type DocumentKind,
  documentKinds,
  type FreezeKind,
  freezeKindLabels,
  freezeKinds,
  kindWords,
} from '../../../server/inventory/lifecycle.ts'
import { errorText, post, put } from '../api.ts'
import { GoodsText } from '../catalog/goods-text.tsx'
import { Segments } from '../ui/base/button.tsx'
import { Note } from '../ui/base/empty.tsx'
import { dateOf, readBeijing } from '../ui/base/time.ts'
import { shared } from '../ui/base/words.ts'
import { Choice, TextField } from '../ui/form/form.tsx'
import { FormDialog } from '../ui/overlay/form-dialog.tsx'
import { toast } from '../ui/overlay/toasts.tsx'
import { type LocalizedPair, useSay } from '../words.ts'
import './inventory.css'
import { useWarehouses } from './query.ts'
import type { DocumentDetail } from './types.ts'

const hints: Record<DocumentKind, LocalizedPair> = {
  adjustment: ['多了写正数，少了写负数', 'Positive for more, negative for fewer'],
  transfer: ['过账时发出，到货后再收货', 'Posting sends it; receive it when it arrives'],
  count: ['写实际数量；过账时只记差异', 'The counted quantity; posting books the difference'],
  lock: ['锁住的不卖给订单，直到释放', 'Locked goods are not promised to orders until released'],
}

type Start = { kind: DocumentKind; warehouseId: string; lines: string }

/** Creates or changes a draft of a stock document: kind, warehouse and lines, which can be pasted from a sheet. */
export default function DocumentDialog(props: {
  start?: Start
  document?: DocumentDetail
  onClose: () => void
}) {
  const { document, onClose } = props
  const say = useSay()
  const form = useForm(props)
  const save = useSave(props, form)
  const title = document
    ? say(['修改 {no}', 'Change {no}'], { no: document.no })
    : say(['新建{kind}', 'New {kind}'], { kind: say(kindWords[form.kind]).toLowerCase() })
  return (
    <FormDialog
      title={title}
      act={document ? say(shared.save) : say(['存为待审核', 'Save as draft'])}
      busy={save.isPending}
      why={form.why}
      wide
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      {!document && (
        <div>
          <Segments
            label={say(['类型', 'Type'])}
            value={form.kind}
            options={documentKinds.map((each) => ({ value: each, label: say(kindWords[each]) }))}
            onChange={form.setKind}
          />
        </div>
      )}
      <Places form={form} />
      {form.kind === 'lock' && form.lockKind === 'promotion' && <Span form={form} />}
      <GoodsText
        label={say(['商品：每行一个商家编码和数量', 'Goods: a code and a quantity in each line'])}
        aside={say(['{n} 行', '{n} {n|line|lines}'], { n: form.lines.length })}
        rows={8}
        value={form.text}
        onChange={form.setText}
        hint={say(hints[form.kind])}
        wrong={
          form.badLine === undefined
            ? undefined
            : say(['格式不对：{line}', 'Cannot read: {line}'], { line: form.badLine })
        }
      />
      <TextField label={say(['备注', 'Note'])} value={form.note} maxLength={500} onChange={form.setNote} />
      {save.error && <Note tone="bad">{errorText(save.error)}</Note>}
    </FormDialog>
  )
}

/** The warehouses of the document, and the kind of a lock. */
function Places({ form }: { form: Form }) {
  const say = useSay()
  const warehouses = form.warehouses.map(({ id, name }) => ({ value: id, label: name }))
  const chooseFirst = (options: typeof warehouses) => [
    { value: '', label: say(['选择…', 'Choose…']) },
    ...options,
  ]
  return (
    <div className="form-row">
      <Choice
        label={say(form.kind === 'transfer' ? ['从仓库', 'From'] : ['仓库', 'Warehouse'])}
        value={form.warehouseId}
        options={chooseFirst(warehouses)}
        onChange={form.setWarehouseId}
      />
      {form.kind === 'transfer' && (
        <Choice
          label={say(['到仓库', 'To'])}
          value={form.toWarehouseId}
          options={chooseFirst(warehouses.filter(({ value }) => value !== form.warehouseId))}
          onChange={form.setToWarehouseId}
        />
      )}
      {form.kind === 'lock' && (
        <Choice
          label={say(['锁定', 'Lock'])}
          value={form.lockKind}
          options={freezeKinds.map((each) => ({ value: each, label: say(freezeKindLabels[each]) }))}
          onChange={(value) => form.setLockKind(value === 'promotion' ? 'promotion' : 'normal')}
        />
      )}
    </div>
  )
}

/** The time for which goods are locked for a promotion. */
function Span({ form }: { form: Form }) {
  const say = useSay()
  return (
    <div className="form-row">
      <TextField
        label={say(['开始（北京时间）', 'From (Beijing time)'])}
        value={form.from}
        onChange={form.setFrom}
        placeholder="2026-11-11 00:00"
      />
      <TextField
        label={say(['结束（北京时间）', 'To (Beijing time)'])}
        value={form.to}
        onChange={form.setTo}
        placeholder="2026-11-12 00:00"
      />
    </div>
  )
}

type Form = ReturnType<typeof useForm>

function useForm({ start, document }: { start?: Start; document?: DocumentDetail }) {
  const say = useSay()
  const warehouses = useWarehouses().filter(({ active }) => active)
  const [kind, setKind] = useState<DocumentKind>(document?.kind ?? start?.kind ?? 'adjustment')
  const [chosen, setWarehouseId] = useState(document?.warehouseId ?? start?.warehouseId ?? '')
  const [toWarehouseId, setToWarehouseId] = useState(document?.toWarehouseId ?? '')
  const [lockKind, setLockKind] = useState<FreezeKind>(document?.lockKind ?? 'normal')
  const [from, setFrom] = useState(momentText(document?.startsAt))
  const [to, setTo] = useState(momentText(document?.endsAt))
  const [note, setNote] = useState(document?.note ?? '')
  const [text, setText] = useState(
    document?.lines.map((line) => `${line.code} ${line.quantity}`).join('\n') ?? start?.lines ?? '',
  )
  // If there is only one warehouse, it is chosen already.
  const warehouseId = chosen || (warehouses.length === 1 ? (warehouses[0]?.id ?? '') : '')
  const { lines, badLine } = readLines(text)
  const [startsAt, endsAt] = [readBeijing(from), readBeijing(to)]
  const why =
    warehouseId === ''
      ? say(
          warehouses.length === 0
            ? ['先建仓库', 'Add a warehouse first']
            : ['先选仓库', 'Choose a warehouse first'],
        )
      : kind === 'transfer' && toWarehouseId === ''
        ? say(['先选到哪个仓库', 'Choose where it goes'])
        : kind === 'lock' && lockKind === 'promotion' && (!startsAt || !endsAt)
          ? say(['先写开始和结束时间', 'Give the start and the end'])
          : lines.length === 0 || badLine !== undefined
            ? say(['每行写商家编码和数量', 'Give a code and a quantity in each line'])
            : undefined
  const body = {
    warehouseId,
    note: note.trim(),
    lines,
    ...(kind === 'transfer' ? { toWarehouseId } : {}),
    ...(kind === 'lock' ? { lockKind } : {}),
    ...(kind === 'lock' && lockKind === 'promotion' ? { startsAt, endsAt } : {}),
  }
  return {
    ...{ warehouses, kind, setKind, warehouseId, setWarehouseId, toWarehouseId, setToWarehouseId },
    ...{ lockKind, setLockKind, from, setFrom, to, setTo, note, setNote, text, setText },
    ...{ lines, badLine, why, body },
  }
}

type Draft = Pick<Form, 'kind' | 'body'>

function useSave({ document, onClose }: { document?: DocumentDetail; onClose: () => void }, draft: Draft) {
  const say = useSay()
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () =>
      document
        ? put('/stock-documents/:id', { version: document.version, ...draft.body }, { id: document.id })
        : post('/stock-documents', { kind: draft.kind, ...draft.body }),
    onSuccess: async ({ id }) => {
      toast('ok', say(['已保存，等审核', 'Saved; it waits for approval']))
      onClose()
      await queries.invalidateQueries()
      if (!document) await navigate({ to: '/stock-documents', search: { open: id } })
    },
  })
}

/** Reads lines such as "A-1 5", "A-1\t5" or "A-1,5". The last number is the quantity. */
function readLines(text: string): {
  lines: { skuCode: string; quantity: number }[]
  badLine: string | undefined
} {
  const written = text.split('\n').filter((each) => each.trim() !== '')
  const lines = written.flatMap((each) => {
    const [, skuCode, quantity] = /^\s*(\S.*?)[\s,，]+([+\-−]?\d+)\s*$/.exec(each) ?? []
    return skuCode === undefined || quantity === undefined
      ? []
      : [{ skuCode: skuCode.trim(), quantity: Number(quantity.replace('−', '-')) }]
  })
  // The user may still be typing the last line, so it is not reported as wrong.
  const badLine = written.slice(0, -1).find((each) => !/[\s,，][+\-−]?\d+\s*$/.test(each))
  const lastIsOpen = lines.length < written.length && badLine === undefined
  return { lines: lastIsOpen ? [] : lines, badLine }
}

const momentText = (at: string | null | undefined) =>
  at ? `${dateOf(at)} ${new Date(Date.parse(at) + 8 * 3600_000).toISOString().slice(11, 16)}` : ''
